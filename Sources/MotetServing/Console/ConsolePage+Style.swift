extension ConsolePage {
    /// Light and dark by the system's choice; text has a contrast of at least 4.5 in both.
    static let style = #"""
        :root{--back:#f4f5f8;--card:#fff;--ink:#171a1f;--soft:#59626d;--line:#dfe3e8;--grid:#eceff2;
        --main:#1f5fbf;--other:#b5460f;--good:#0b6b45;--goodb:#e2f3ea;--warn:#7a5200;--warnb:#fcf0d6;
        --bad:#a92b1c;--badb:#fbe6e2;--ref:#7b8794;--shade:0 1px 2px rgb(20 26 34/.06);
        --r0:#1f5fbf;--r1:#c8622a;--r2:#2c8f64;--r3:#8a5fb0;--r4:#a98412;--r5:#6d7884}
        @media (prefers-color-scheme:dark){:root{--back:#0e1114;--card:#171b20;--ink:#e9ebee;--soft:#a2acb7;
        --line:#2b3138;--grid:#22272d;--main:#7fb1f5;--other:#f29a63;--good:#62cf9f;--goodb:#12301f;
        --warn:#e5b95c;--warnb:#33280f;--bad:#ff9488;--badb:#3d1a16;--ref:#8f9ba8;--shade:none;
        --r0:#6ea4ee;--r1:#ef9560;--r2:#58c293;--r3:#bb97dd;--r4:#d9b64a;--r5:#98a3af}}
        *{box-sizing:border-box}
        [hidden]{display:none!important}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0 auto;max-width:1280px;padding:1rem clamp(.75rem,2.5vw,1.75rem) 3rem;
        background:var(--back);color:var(--ink);overflow-wrap:anywhere;
        font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        h1,h2,h3,p{margin:0}
        h1{font-size:1.15rem;line-height:1.3;letter-spacing:-.01em}
        h2{font-size:1rem;line-height:1.4}
        h3{font-size:.95rem}
        .hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%)}
        .top{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem;margin-bottom:1rem}
        .mark{width:34px;height:34px;flex:none}
        .mark rect{fill:#1f5fbf}.mark path{stroke:#fff;stroke-width:2;stroke-linecap:round}
        .name{flex:1 1 12rem;min-width:0}
        .name p,header p{color:var(--soft);font-size:.82rem}
        .state{display:flex;align-items:center;gap:.5rem}
        .pill,.badge{display:inline-block;border-radius:99px;padding:.1rem .6rem;font-size:.78rem;
        font-weight:600;white-space:nowrap;background:var(--grid);color:var(--soft)}
        .pill.good,.badge.good{background:var(--goodb);color:var(--good)}
        .pill.warn,.badge.warn{background:var(--warnb);color:var(--warn)}
        .pill.bad,.badge.bad{background:var(--badb);color:var(--bad)}
        button{font:inherit;font-size:.82rem;color:var(--ink);background:var(--card);cursor:pointer;
        border:1px solid var(--line);border-radius:7px;padding:.2rem .7rem;min-height:1.9rem}
        button:hover{border-color:var(--soft)}
        button[aria-pressed=true]{background:var(--ink);border-color:var(--ink);color:var(--card)}
        :focus-visible{outline:2px solid var(--main);outline-offset:2px}
        #secret{max-width:26rem;margin:15vh auto;padding:1.25rem;background:var(--card);
        border:1px solid var(--line);border-radius:12px}
        #secret div{display:flex;gap:.5rem;margin-top:.4rem}
        #secret input{flex:1;min-width:0;font:inherit;padding:.3rem .6rem;color:var(--ink);
        background:var(--back);border:1px solid var(--line);border-radius:7px}
        #secret p{margin-top:.5rem}
        main,.pair{display:grid;gap:.9rem;grid-template-columns:minmax(0,1fr)}
        .pair{grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
        .card,.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;
        box-shadow:var(--shade)}
        .card{padding:.85rem 1rem 1rem;min-width:0}
        .card>header,.head{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .6rem;margin-bottom:.6rem}
        .head{margin:.35rem 0 .5rem}
        #tiles{display:grid;gap:.6rem;grid-template-columns:repeat(4,minmax(0,1fr))}
        @media (min-width:1100px){#tiles{grid-template-columns:repeat(8,minmax(0,1fr))}}
        .tile{padding:.6rem .75rem .65rem;min-width:0;position:relative}
        .tile .what{color:var(--soft);font-size:.78rem}
        .tile .value{font-size:1.45rem;line-height:1.25;font-weight:650;letter-spacing:-.02em;
        font-variant-numeric:tabular-nums;white-space:nowrap}
        .tile .value small{font-size:.8rem;font-weight:500;color:var(--soft);letter-spacing:0}
        .tile .more{color:var(--soft);font-size:.76rem}
        .tile.bad .value{color:var(--bad)}.tile.warn .value{color:var(--warn)}
        .tabs{display:flex;flex-wrap:wrap;gap:.3rem;margin:-.15rem 0 .5rem}
        .tabs button{border-radius:99px;padding:.05rem .65rem;min-height:1.6rem;font-size:.78rem}
        .tabs:empty{display:none}.plot:has(>.empty){min-height:0}
        .plot{position:relative;min-height:170px}
        svg.chart{display:block;width:100%;overflow:visible}
        svg text{font-size:11px;fill:var(--soft);font-variant-numeric:tabular-nums}
        .grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--line);stroke-width:1}
        .line{fill:none;stroke:var(--c);stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
        .band{fill:var(--c);opacity:.22}.ring{fill:var(--card);stroke:var(--c);stroke-width:1.75}
        .dot{fill:var(--c)}.bar{fill:var(--c)}
        .refline{fill:none;stroke:var(--ref);stroke-width:1.5;stroke-linejoin:round}
        .mean{stroke:var(--c);stroke-width:1.5;stroke-dasharray:4 3}
        .c-main{--c:var(--main)}.c-other{--c:var(--other)}.c-bad{--c:var(--bad)}.c-ref{--c:var(--ref)}
        .c0{--c:var(--r0)}.c1{--c:var(--r1)}.c2{--c:var(--r2)}.c3{--c:var(--r3)}.c4{--c:var(--r4)}
        .c5{--c:var(--r5)}
        .legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;margin:.4rem 0 0;padding:0;list-style:none;
        font-size:.8rem;color:var(--soft)}
        .legend li{display:flex;align-items:center;gap:.35rem;min-width:0}
        .legend b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        .key{width:.65rem;height:.65rem;border-radius:3px;background:var(--c);flex:none}
        .key.thin{height:.18rem}
        .split{display:flex;height:.9rem;border-radius:5px;overflow:hidden;background:var(--grid);gap:1px}
        .split i{background:var(--c);min-width:2px}
        #scores>.card+.card{margin-top:.9rem}
        .cards{display:grid;gap:.9rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));
        margin-bottom:.9rem}
        @media (min-width:1100px){.cards.four{grid-template-columns:repeat(4,minmax(0,1fr))}
        .four .facts{grid-template-columns:repeat(4,auto);gap:.4rem}}
        .cards header{justify-content:space-between}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(4.1rem,1fr));gap:.4rem .6rem;
        margin:.6rem 0 0}
        .facts dt{color:var(--soft);font-size:.76rem}
        .facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
        .facts+.scroll,#forecast-scores{margin-top:.7rem}
        .scroll{overflow:auto;max-width:100%;max-height:26rem}
        #decisions{max-height:44rem;overflow:auto}
        #decisions .scroll{max-height:none}
        table{border-collapse:collapse;width:100%;font-size:.84rem;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.34rem .7rem .34rem 0;vertical-align:baseline;white-space:nowrap}
        thead th{color:var(--soft);font-weight:500;font-size:.78rem;border-bottom:1px solid var(--line)}
        tbody th{font-weight:600}tbody tr+tr>*{border-top:1px solid var(--grid)}
        th.n,td.n{text-align:right}
        th.n+th:not(.n),td.n+td:not(.n){padding-left:.9rem}
        td.wide{white-space:normal;min-width:8rem}td.wide code{white-space:nowrap}td .chips{flex-wrap:nowrap}
        code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .soft,.empty{color:var(--soft)}.bad{color:var(--bad)}
        .empty{padding:.6rem 0;max-width:60ch}
        .note{padding:1rem;background:var(--warnb);color:var(--warn);border-radius:8px}
        details{border-top:1px solid var(--grid)}
        details:first-child{border-top:0}
        summary{display:grid;gap:.15rem .9rem;align-items:center;padding:.42rem .2rem;cursor:pointer;
        grid-template-columns:4.5rem 6.5rem minmax(6rem,1fr) minmax(6rem,1fr) 5.2rem minmax(11rem,.9fr);
        font-variant-numeric:tabular-nums;border-radius:6px}
        summary:hover{background:var(--back)}
        summary .n{text-align:right}
        details>div{padding:.2rem .2rem .8rem}
        .chips{display:flex;flex-wrap:wrap;gap:.25rem}
        .chip{border:1px solid var(--line);border-radius:5px;padding:0 .4rem;font-size:.76rem}
        .meter{display:inline-block;vertical-align:baseline;width:3.2rem;height:.45rem;border-radius:3px;
        background:var(--grid);margin-right:.45rem;overflow:hidden}
        .meter i{display:block;height:100%;background:var(--main)}
        #tip{position:fixed;z-index:9;pointer-events:none;max-width:16rem;padding:.45rem .6rem;font-size:.78rem;
        background:var(--card);color:var(--ink);border:1px solid var(--line);border-radius:8px;
        box-shadow:0 6px 20px rgb(10 14 20/.18)}
        #tip b{font-variant-numeric:tabular-nums}#tip p{display:flex;gap:.4rem;align-items:center}
        #tip p span:nth-last-child(2){flex:1}
        @media (max-width:620px){body{padding-top:.75rem}#tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
        .card{padding:.75rem .8rem .9rem}
        summary{grid-template-columns:1fr auto;padding:.5rem .2rem}summary .n{text-align:left}}
        """#
}
