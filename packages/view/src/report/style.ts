/** The style sheet: calm on screen, thrifty on paper; images alone are dark. Text contrast is AA or better. */
export const reportStyle: string = `
:root{color-scheme:light;--ink:#16202b;--soft:#4c5967;--line:#dfe4ea;--wash:#f5f7f9;--accent:#0b5c6b;--ok:#1b6e46;--warn:#865300;--bad:#a3203a;
--mri:#4a5460;--pet:#a3430f;--spect:#6d429a;--fnirs:#9c2a62;--eeg:#0a639a}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;color:var(--ink);background:#fff;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--accent);text-underline-offset:.15em;text-decoration-thickness:.06em}
:focus-visible{outline:3px solid #0b7f95;outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99em}.skip:focus{left:1rem;top:1rem;background:#fff;padding:.5rem 1rem;z-index:9}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.store{position:absolute}
.top{display:flex;flex-wrap:wrap;gap:.4rem 2rem;align-items:baseline;padding:1rem clamp(1rem,3vw,2.5rem);border-bottom:1px solid var(--line)}
.brand{font-weight:650;font-size:1.15rem;letter-spacing:.01em;display:flex;gap:.6rem;align-items:center}
.five{display:inline-flex;gap:3px}.five i{width:5px;height:18px;border-radius:2px;background:var(--mri)}
.five i:nth-child(2){background:var(--pet)}.five i:nth-child(3){background:var(--spect)}.five i:nth-child(4){background:var(--fnirs)}.five i:nth-child(5){background:var(--eeg)}
.who{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;color:var(--soft);font-size:.93rem}.who strong{color:var(--ink)}
.research{display:flex;flex-wrap:wrap;gap:.15rem 1.4rem;padding:.6rem clamp(1rem,3vw,2.5rem);background:#fff7e3;border-bottom:1px solid #f0deb0;color:#5c3b00;font-size:.9rem}
.page{display:grid;grid-template-columns:minmax(0,1fr);max-width:1460px;margin:0 auto}
nav ol{display:flex;flex-wrap:wrap;gap:.1rem .2rem;list-style:none;margin:0;padding:.6rem clamp(1rem,3vw,2.5rem)}
nav a{display:block;padding:.28rem .6rem;border-radius:6px;color:var(--soft);text-decoration:none;font-size:.92rem}
nav a:hover{background:var(--wash);color:var(--ink)}nav a[aria-current]{background:#e4f0f2;color:#07414c;font-weight:600}
@media (min-width:1180px){.page{grid-template-columns:188px minmax(0,1fr)}nav{position:sticky;top:0;align-self:start;padding-top:2rem}nav ol{flex-direction:column;padding:0 0 0 1.2rem}}
main{padding:0 clamp(1rem,3vw,2.5rem) 4rem;min-width:0}
section{padding:2.6rem 0 .4rem}section+section{border-top:1px solid var(--line)}section.answer{padding-top:1.5rem;padding-bottom:2.2rem}
h1,h2,h3,h4{line-height:1.2;margin:0;font-weight:650;letter-spacing:-.01em;text-wrap:balance}
h1{font-size:clamp(1.8rem,3.2vw,2.5rem);letter-spacing:-.02em}
h2{font-size:1.5rem;margin-bottom:.5rem}h3{font-size:1.08rem;margin:1.2rem 0 .4rem}h4{font-size:.98rem;margin:.2rem 0 .3rem}
p{margin:.4rem 0 .8rem;max-width:78ch}ul,ol{margin:.3rem 0 .8rem;padding-left:1.2rem}li{margin:.15rem 0}
.eyebrow{margin:0 0 .3rem;color:var(--accent);font-weight:600;font-size:.92rem}
.lead{font-size:1.1rem;margin:.5rem 0 0;max-width:92ch;color:#2b3743}
.muted{color:var(--soft)}.small{font-size:.84rem}.empty{color:var(--soft);background:var(--wash);border-radius:8px;padding:.9rem 1.1rem;max-width:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,250px),1fr));margin:1.1rem 0 1rem;border:1px solid var(--line);border-radius:12px;overflow:hidden;background:var(--line);gap:1px}
.tile{background:#fff;padding:.8rem 1.1rem .4rem;font-size:.95rem;line-height:1.45}.tile h2{font-size:.9rem;color:var(--soft);font-weight:600;margin:0 0 .3rem;letter-spacing:0}
.tile p{margin:.15rem 0 .4rem}.big{font-size:1.18rem;font-weight:600;line-height:1.3}
.big::first-letter{text-transform:uppercase}
.plain{list-style:none;padding:0}.plain li{margin:.3rem 0}
.pips{list-style:none;padding:0;margin:.3rem 0;display:flex;flex-wrap:wrap;gap:.1rem .75rem}.pip{margin-right:.3rem}.pips .points{font-weight:650;color:#07414c}.pips .absent{color:var(--soft)}
.care{border-top:1px solid var(--line);margin-top:.4rem;padding-top:.4rem}.tile .care h2{color:#7a4d00}.care li::before{content:"! ";font-weight:700;color:#7a4d00}
.tag{display:inline-block;padding:.02rem .5rem;border-radius:4px;font-size:.8rem;font-weight:650;line-height:1.5;color:#fff;background:var(--mri);letter-spacing:.01em;white-space:nowrap}
.tag-pet{background:var(--pet)}.tag-spect{background:var(--spect)}.tag-fnirs{background:var(--fnirs)}.tag-eeg{background:var(--eeg)}
.panel{background:#0b0e12;color:#e8edf2;border-radius:12px;padding:.9rem}
.planes{display:grid;gap:.5rem}.three{grid-template-columns:repeat(3,minmax(0,1fr))}
figure{margin:0;min-width:0}.slice{display:block;width:100%;height:auto;background:#000;border-radius:4px}
.mark{font:700 15px system-ui,Arial,sans-serif;fill:#ffe08a;stroke:#000;stroke-width:2.4;paint-order:stroke;stroke-linejoin:round}
.at,.badge,.scale text{font:600 8px system-ui,Arial,sans-serif;fill:#fff;stroke:#000;stroke-width:1.6;paint-order:stroke}
.level .mark{font-size:20px}.level .at{font-size:14px;transform:translateY(5px)}.level .badge,.level .scale,.level .cross{display:none}.badge{fill:#ffe08a}
.mirrored{display:none}.turned .mirrored{display:inline}.turned .drawn{display:none}
.turned .axial .px,.turned .coronal .px{transform:scaleX(-1);transform-box:view-box;transform-origin:50% 50%}
.caption{margin:.7rem .2rem .3rem;color:#c8d1da;font-size:.92rem;max-width:none}.panel strong{color:#fff}
.controls{display:none;flex-wrap:wrap;gap:.5rem 1.4rem;padding:.5rem .2rem .2rem;border-top:1px solid #29313a;margin-top:.6rem}.js .controls,.js .filters{display:flex}
.control{display:flex;gap:.6rem;align-items:center;font-size:.9rem}.control input[type=range]{width:120px;accent-color:#7fe7ff}
button{font:inherit;font-size:.9rem;cursor:pointer;border:1px solid #55616e;background:transparent;color:inherit;border-radius:6px;padding:.25rem .7rem}
button:hover{border-color:#9aa6b2}
.keys{margin:0;color:#aab6c2;font-size:.84rem;align-self:center}.levels{grid-template-columns:repeat(6,minmax(0,1fr));gap:.35rem}.level{padding:0;border:2px solid transparent;border-radius:6px;overflow:hidden;line-height:0}.level[aria-pressed=true]{border-color:#7fe7ff}
.fusedrow,.check{display:grid;grid-template-columns:minmax(190px,1fr) 4.6fr;gap:1rem;align-items:start}
.fusedrow{padding:.9rem 0;border-top:1px solid #29313a}.fusedrow:first-child{border-top:0;padding-top:.2rem}.fusedrow:last-child{padding-bottom:.2rem}
.about{font-size:.9rem;min-width:0}.about h3{margin:.4rem 0 .5rem;font-size:1.05rem;color:#fff}.about p{color:#c8d1da;margin:.3rem 0}.about a{color:#8fdfee}
.keys-list{list-style:none;padding:0;margin:.2rem 0 .5rem;columns:2;column-gap:.8rem}.keys-list.one{columns:1}.keys-list li{break-inside:avoid}.keys-list i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;vertical-align:-.08rem}
.fusedrow.absent p{margin:.1rem 0;color:#c8d1da}
.bar{display:block;width:100%;max-width:290px;margin-left:-.4rem;color:#e8edf2}.bar text{font:11px system-ui,Arial,sans-serif;fill:currentColor}
.unit{font-weight:600}
.check{margin:1rem 0}.check dl{margin:.5rem 0}.check dt{color:#c8d1da;font-size:.84rem}.check dd{margin:0 0 .4rem}
.line-a{border-bottom:3px solid #e0b000}.line-b{border-bottom:3px solid #ff7ac0}
@media (max-width:820px){.fusedrow,.check{grid-template-columns:1fr}.levels{grid-template-columns:repeat(4,minmax(0,1fr))}}
@media (max-width:560px){.three{grid-template-columns:1fr}.levels{grid-template-columns:repeat(3,minmax(0,1fr))}}
.columns>figure{max-width:680px}.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:1.2rem 2rem;align-items:start}
.smallmultiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:1rem 1.4rem}
.scalps{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:1rem}.scalp svg{display:block;width:100%;max-width:340px}.scalp .bar{color:var(--ink);margin-top:.3rem}
.onhead,.oncortex{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,190px),1fr));gap:.6rem 1rem;max-width:1100px;align-items:end}.onhead svg,.oncortex img{display:block;width:100%;height:auto;max-height:300px;object-fit:contain}.onhead figcaption,.oncortex figcaption{text-align:center}.onhead text{font:600 8px system-ui,Arial,sans-serif;fill:#16202b;stroke:#fff;stroke-width:1.6;paint-order:stroke}.oncortex figcaption{color:#c8d1da}.oncortex{grid-template-columns:repeat(auto-fit,minmax(min(100%,140px),1fr))}.trials .bar{color:var(--ink)}.panel+h4{margin-top:1.2rem}.columns>div>figure{max-width:620px}
.headside text{font:700 .24px system-ui,Arial,sans-serif;fill:#16202b;dominant-baseline:hanging}
figcaption{font-size:.88rem;color:var(--soft);margin-top:.3rem}.wide{margin:1rem 0}
.plot{display:block;width:100%;height:auto}.plot text{font-family:system-ui,Arial,sans-serif;fill:#35424f}.tick{font-size:11px}.label{font-size:12px}.span{font-size:10.5px}.trackname{font-size:12.5px}
.grid{stroke:#e6eaef;stroke-width:1}.tickline{stroke:#7b8794}.axis{fill:none;stroke:#7b8794;stroke-width:1}.zero{stroke:#9aa6b2;stroke-dasharray:3 3}
.traces,.clock{min-width:720px}.trace{fill:none;stroke:#1d3e53;stroke-width:.8;stroke-linejoin:round}.trace.bad{stroke:#b3bcc6}.tick.bad{fill:#8a3a48}.event{stroke:#a3430f;stroke-width:1;stroke-dasharray:4 2}
.calibration path{fill:none;stroke:#16202b;stroke-width:1.4}.calibration text{font-size:11px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;margin:.3rem 0;font-size:.9rem}.legend svg{margin-right:.4rem;vertical-align:middle}
.key{margin-left:.7rem;white-space:nowrap}.sq,.dot{display:inline-block;width:10px;height:10px;background:#b3382c;margin-right:.3rem}.dot{border-radius:50%;background:#1f5fa8}.dash{display:inline-block;width:18px;border-top:3px dashed #a3203a;margin-right:.3rem;vertical-align:middle}
.scroll{position:relative;overflow-x:auto;margin:.8rem 0 1.4rem}.scroll.tall{max-height:560px;overflow-y:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.9rem}caption{caption-side:top;text-align:left;color:var(--soft);padding:.2rem 0 .5rem;font-size:.88rem}.tall caption{padding:.6rem .7rem}
th,td{padding:.42rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}tbody th{font-weight:600}td.note{min-width:17rem}
thead th{background:var(--wash);font-weight:600;white-space:nowrap;border-bottom-color:#c6ced7}.tall thead th{position:sticky;top:0;z-index:1}
.num{text-align:right;white-space:nowrap}th button{border:0;padding:0;font-weight:600}th button::after{content:" ↕";color:#7b8794}th[aria-sort=ascending] button::after{content:" ↑";color:inherit}th[aria-sort=descending] button::after{content:" ↓";color:inherit}
.far{font-weight:700;background:#fdeee6}.z.far{padding:0 .25rem;border-radius:3px}.from{white-space:nowrap;font-size:.85rem}
.matrix .points{background:#e4f0f2}.matrix .silent,.matrix .absent{color:var(--soft)}.score{font-size:.85rem}
.verdict{display:inline-flex;gap:.35rem;align-items:center;font-weight:650;font-size:.86rem;white-space:nowrap;color:var(--ok)}.verdict>span{display:inline-grid;place-items:center;width:1.25rem;height:1.25rem;border-radius:50%;background:var(--ok);color:#fff;font-size:.78rem;line-height:1}
.verdict.warn{color:var(--warn)}.verdict.warn>span{background:var(--warn);border-radius:3px}.verdict.bad{color:var(--bad)}.verdict.bad>span{background:var(--bad);clip-path:polygon(30% 0,70% 0,100% 30%,100% 70%,70% 100%,30% 100%,0 70%,0 30%);border-radius:0}
.panel .verdict.ok{color:#8be0b2}.panel .verdict.warn{color:#ffcf70}.panel .verdict.bad{color:#ff9aa9}
.meter{display:inline-block;width:70px;height:8px;background:#e1e6eb;border-radius:4px;overflow:hidden;vertical-align:middle}.meter span{display:block;height:100%;background:#0b5c6b}
.finger td{min-width:150px}.fname{display:block;font-size:.8rem;color:var(--soft)}.strip{display:block;width:140px;height:22px}.fvals{display:flex;flex-wrap:wrap;gap:0 .8rem;font-size:.84rem}
.filters{display:none;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:center;font-size:.92rem}.filters input[type=search],.filters select{font:inherit;padding:.3rem .5rem;border:1px solid #8e99a5;border-radius:6px;background:#fff}
.methods{list-style:none;padding:0}.methods li{padding:.3rem .5rem;border-radius:6px}.ref{display:inline-block;min-width:2.4rem;font-weight:650;color:var(--accent)}
:target{background:#fff3cd;scroll-margin-top:4rem}section:target{background:none}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;font-size:.93rem}.facts dt{color:var(--soft)}.facts dd{margin:0}
.path,.hash,.params{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}.hash{color:var(--soft)}.params span{display:block}
.glossary{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:.6rem 2rem}.glossary dt{font-weight:650}.glossary dd{margin:0;color:#2b3743;font-size:.93rem}
.printonly{display:none}
footer{padding:1.2rem clamp(1rem,3vw,2.5rem);border-top:1px solid var(--line);color:var(--soft);font-size:.84rem}
@media print{
@page{size:A4;margin:14mm 12mm 16mm}
html{font-size:13px}body{font-size:10pt}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
nav,.controls,.filters,.skip,.js .controls,.js .filters{display:none!important}
.page,main{display:block;padding:0;max-width:none}.top,.research,footer{padding-left:0;padding-right:0}
.panel{background:none;color:var(--ink);padding:0;border-radius:0}.panel strong,.about h3{color:var(--ink)}.caption,.about p,.check dt,.fusedrow.absent p{color:#35424f}.about a{color:var(--accent)}.bar{color:var(--ink)}
.panel .verdict.ok{color:var(--ok)}.panel .verdict.warn{color:var(--warn)}.panel .verdict.bad{color:var(--bad)}
.fusedrow{border-color:var(--line)}.research{background:none;border:1px solid #d9b65c;border-width:1px 0}
section{padding:1.2rem 0 .2rem;break-inside:auto}h2,h3,h4,caption{break-after:avoid}
.fusedrow,.check,figure,.tile,.stack,tr,.qc,.methods li,.glossary div{break-inside:avoid}
#measures{break-before:page}.scroll:not(.tall){break-inside:avoid}.scalp svg{max-width:230px}#fnirs>h2+p,section>h2+p{break-after:avoid}
.scroll,.scroll.tall{overflow:visible;max-height:none;border:0}.traces,.clock{min-width:0}thead{display:table-header-group}.tall thead th{position:static}
table{font-size:8.4pt}th,td{padding:.22rem .4rem}.noprint{display:none}.printonly{display:block}th button::after{content:""}
.levels{grid-template-columns:repeat(6,minmax(0,1fr))}.fusedrow,.check{grid-template-columns:1fr 4fr}.three{grid-template-columns:repeat(3,minmax(0,1fr))}
.columns{grid-template-columns:1fr 1fr;gap:.6rem 1rem}.smallmultiples{grid-template-columns:repeat(3,1fr)}.scalps{grid-template-columns:repeat(4,1fr)}
a{color:inherit;text-decoration:none}.hash{font-size:6.6pt}.path,.params{font-size:7pt}}
`;
