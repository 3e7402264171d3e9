/** A plain page that lists live streams, draws one and records: what the bridge can do, with no library. */
export const bridgePage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quintet live streams</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:1.2rem auto;max-width:60rem;padding:0 1rem;color:#17212b;background:#fbfcfd}
h1{font-size:1.25rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #dde3e8}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}button{font:inherit;padding:.25rem .7rem}canvas{width:100%;height:300px;border:1px solid #dde3e8;background:#fff}
#say{min-height:1.4em;color:#51606e}label{margin-right:1rem}
</style></head><body>
<h1>Live streams on this machine</h1>
<p><button id="list">Look for streams</button> <button id="rec" disabled>Record the ticked</button> <button id="stop" disabled>Stop</button> <span id="say" role="status"></span></p>
<table><thead><tr><th>Record</th><th>Name</th><th>Type</th><th class="n">Channels</th><th class="n">Rate, Hz</th><th>From</th><th class="n">Samples read</th><th></th></tr></thead><tbody id="rows"></tbody></table>
<h2 id="shown" style="font-size:1rem">No stream is shown</h2><canvas id="plot" width="1200" height="300" aria-label="Last ten seconds of the shown stream"></canvas>
<script>
const token=new URLSearchParams(location.search).get("token");
const socket=new WebSocket("ws://"+location.host+"/socket?token="+encodeURIComponent(token));
socket.binaryType="arraybuffer";
const $=(id)=>document.getElementById(id),say=(t)=>{$("say").textContent=t};
let next=1;const waiting=new Map(),counts=new Map();let shown=null,points=[];
const ask=(what)=>new Promise((yes,no)=>{const id=next++;waiting.set(id,[yes,no]);socket.send(JSON.stringify({...what,id}))});
socket.onopen=()=>{say("connected");look()};
socket.onclose=()=>say("The bridge is closed. Start quintet bridge again.");
socket.onmessage=({data})=>{
  if(typeof data==="string"){const m=JSON.parse(data);if(m.note)say(m.note);if(m.state)say(m.state+(m.why?": "+m.why:""));
    const w=waiting.get(m.id);if(w){waiting.delete(m.id);m.error?w[1](new Error(m.error)):w[0](m)}return}
  const view=new DataView(data),n=view.getUint32(0,true),head=JSON.parse(new TextDecoder().decode(new Uint8Array(data,4,n)));
  const all=new Float64Array(data,8*Math.ceil((4+n)/8)),count=head.count;
  counts.set(head.uid,(counts.get(head.uid)||0)+count);
  const cell=document.querySelector('[data-count="'+head.uid+'"]');if(cell)cell.textContent=counts.get(head.uid);
  if(shown&&shown.uid===head.uid&&!head.strings){const c=shown.channelCount;for(let i=0;i<count;i++)points.push([all[i],Array.from(all.subarray(count+i*c,count+i*c+Math.min(c,8)))])}
};
async function look(){say("looking ...");try{const {streams}=await ask({do:"list"});say(streams.length+" found");rows(streams)}catch(e){say(e.message)}}
function rows(streams){$("rows").replaceChildren(...streams.map((s)=>{const tr=document.createElement("tr");
  const tick=document.createElement("input");tick.type="checkbox";tick.value=s.uid;tick.checked=true;tick.setAttribute("aria-label","record "+s.name);
  const open=document.createElement("button");open.textContent="Show";open.onclick=async()=>{try{await ask({do:"open",uid:s.uid});shown=s;points=[];$("shown").textContent=s.name+", first "+Math.min(8,s.channelCount)+" channels, last 10 s"}catch(e){say(e.message)}};
  for(const v of [tick,s.name,s.type,s.channelCount,s.rate||"irregular",s.hostname||s.address,"0",open]){const td=document.createElement("td");td.append(v);if(typeof v==="number"||v==="0"||v==="irregular")td.className="n";if(v==="0")td.dataset.count=s.uid;tr.append(td)}return tr}));$("rec").disabled=streams.length===0}
$("list").onclick=look;
$("rec").onclick=async()=>{const uids=[...document.querySelectorAll("tbody input:checked")].map((i)=>i.value);
  const name="live-"+new Date().toISOString().slice(0,19).replace(/[:T]/g,"-");try{const {path}=await ask({do:"record",uids,name});say("recording to "+path);$("rec").disabled=true;$("stop").disabled=false}catch(e){say(e.message)}};
$("stop").onclick=async()=>{try{const {status}=await ask({do:"stop"});say("recorded "+status.streams.map((s)=>s.samples+" of "+s.info.name).join(", "));$("rec").disabled=false;$("stop").disabled=true}catch(e){say(e.message)}};
function draw(){requestAnimationFrame(draw);const g=$("plot").getContext("2d"),{width:w,height:h}=$("plot");g.clearRect(0,0,w,h);if(points.length<2)return;
  const last=points[points.length-1][0];while(points.length&&points[0][0]<last-10)points.shift();const c=points[0][1].length;
  for(let k=0;k<c;k++){let a=1/0,b=-1/0;for(const p of points){a=Math.min(a,p[1][k]);b=Math.max(b,p[1][k])}const y0=h*(k+.5)/c,s=b>a?h/c*.9/(b-a):0;
    g.beginPath();g.strokeStyle="#1f5f8b";for(const p of points){const x=w*(1-(last-p[0])/10),y=y0-(p[1][k]-(a+b)/2)*s;p===points[0]?g.moveTo(x,y):g.lineTo(x,y)}g.stroke()}}
draw();
</script></body></html>
`;
