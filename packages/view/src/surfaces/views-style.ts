/** CSS of pages that show surfaces from several sides: pictures at least `width` pixels wide on black, a colour bar above them. */
export const viewsStyle = (width: number): string => `
.views{display:grid;grid-template-columns:repeat(auto-fill,minmax(${width}px,1fr));gap:.6rem;background:#111;padding:.6rem;border-radius:0 0 6px 6px}
.scale{background:#111;color:#eee;padding:.6rem .9rem 0;border-radius:6px 6px 0 0}
.views figure{margin:0;text-align:center}.views img{max-width:100%;height:auto}.views figcaption{color:#ccc;font-size:.78rem}
.scale .bar{max-width:200px}`;
