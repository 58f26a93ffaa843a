/// The styles of a page: colours of both schemes, layout from 320 px up, and paper.
///
/// Colours of series keep apart for every kind of colour vision, and text has a contrast of at least 4.5 to what
/// is behind it in both schemes; tests compute both. On paper the light scheme is used.
enum ReportStyle {
    /// Colours of the series in light and dark, by number.
    static let series: [(light: String, dark: String)] = [
        ("#123a8a", "#4c82d7"), ("#b33a07", "#f16d1a"), ("#01a554", "#45e674"),
        ("#a46393", "#e6a1aa"), ("#712e20", "#fff03c"), ("#4c6df6", "#b8c7fd"),
    ]

    /// All other colours: the name of a variable, light, dark.
    static let colours: [(name: String, light: String, dark: String)] = [
        ("back", "#ffffff", "#14171a"), ("card", "#f6f7f9", "#1d2126"),
        ("ink", "#1c1e21", "#e8eaed"), ("soft", "#575e66", "#a9b2bc"),
        ("line", "#d5d9de", "#363c44"), ("grid", "#e4e7eb", "#2a2f36"),
        ("link", "#0b57a4", "#86bdf7"), ("good", "#0a6742", "#5bca99"),
        ("bad", "#a5301a", "#ff9d88"), ("warn", "#fdf3dc", "#3a2f14"),
        ("edge", "#b7791f", "#d9a441"), ("high", "#7fb4e6", "#1d5c93"),
        ("low", "#f0a57e", "#934722"), ("zero", "#ffffff", "#14171a"),
    ]

    private static func variables(_ isDark: Bool) -> String {
        let named = colours.map { "--\($0.name):\(isDark ? $0.dark : $0.light)" }
        let numbered = series.enumerated().map { "--s\($0):\(isDark ? $1.dark : $1.light)" }
        return (named + numbered).joined(separator: ";")
    }

    private static let numberedSeries = series.indices.map { ".s\($0){--c:var(--s\($0))}" }
        .joined()

    /// The sheet.
    static let sheet = """
        :root{\(variables(false))}
        @media screen and (prefers-color-scheme:dark){:root{\(variables(true))}}
        \(numberedSeries)
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0 auto;max-width:1160px;padding:1.25rem clamp(.75rem,3vw,2rem) 2.5rem;\
        background:var(--back);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
        overflow-wrap:anywhere}
        h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
        h2{font-size:1.2rem;line-height:1.3;margin:2rem 0 .75rem;padding-top:.75rem;\
        border-top:1px solid var(--line)}
        h3{font-size:1rem;margin:1.25rem 0 .5rem}
        p{margin:.5rem 0;max-width:75ch}
        header p{color:var(--soft)}
        a{color:var(--link)}
        nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin-top:.5rem}
        footer{margin-top:2rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
        code,pre{font:.9em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        pre{margin:0;padding:.75rem;white-space:pre;overflow-wrap:normal}
        ul,ol{margin:.5rem 0;padding-left:1.4rem;max-width:80ch}
        li{margin:.25rem 0}
        .note{border-left:4px solid var(--line);background:var(--card);padding:.5rem .75rem}
        .note.warning{border-color:var(--edge);background:var(--warn)}
        .scroll{overflow-x:auto;max-width:100%;border:1px solid var(--line);border-radius:6px;margin:.75rem 0}
        .scroll:focus-visible{outline:2px solid var(--link);outline-offset:1px}
        table{border-collapse:collapse;width:100%;font-size:.875rem;overflow-wrap:normal;font-variant-numeric:tabular-nums}
        caption{text-align:left;font-weight:600;padding:.5rem .6rem;background:var(--card);\
        border-bottom:1px solid var(--line)}
        th,td{padding:.3rem .6rem;text-align:left;vertical-align:baseline;white-space:nowrap}
        th.n,td.n{text-align:right}
        thead th{color:var(--soft);font-weight:600;border-bottom:1px solid var(--line)}
        tbody th{font-weight:500;position:sticky;left:0;background:var(--back)}
        tbody tr+tr>*{border-top:1px solid var(--grid)}
        tbody tr.group>*{border-top:1px solid var(--soft)}
        .good{color:var(--good)}.bad{color:var(--bad)}.muted{color:var(--soft)}.strong{font-weight:700}
        .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,9rem),1fr));\
        gap:.75rem 1rem;margin:.75rem 0}
        .facts div{min-width:0}
        dt{color:var(--soft);font-size:.8rem}
        dd{margin:0;font-variant-numeric:tabular-nums}
        .plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));\
        gap:1rem;margin:.75rem 0;align-items:start}
        .plots.one{grid-template-columns:minmax(0,1fr)}
        figure{margin:0;padding:.6rem;border:1px solid var(--line);border-radius:6px;min-width:0}
        figcaption{font-weight:600;font-size:.9rem;margin-bottom:.35rem}
        figure .scroll{border:0;margin:0}
        figure.wide{grid-column:1/-1}
        svg{display:block}
        svg.fit{width:100%;height:auto;max-width:520px}
        svg.full{max-width:none}
        .legend{display:flex;flex-wrap:wrap;gap:.15rem .9rem;margin:.4rem 0 0;padding:0;\
        list-style:none;font-size:.8rem;max-width:none}
        .legend li{display:flex;align-items:center;gap:.35rem;margin:0;min-width:0}
        .legend svg{flex:none}
        .remark{color:var(--soft);font-size:.8rem;margin:.35rem 0 0}
        .ramp{display:inline-block;width:7rem;max-width:40%;height:.7rem;border:1px solid var(--line);\
        background:linear-gradient(90deg,var(--low),var(--zero),var(--high))}
        .ramp.up{background:linear-gradient(90deg,var(--zero),var(--high))}
        svg text{font-size:11px;fill:var(--ink);font-variant-numeric:tabular-nums}
        svg .t{fill:var(--soft)}
        .e{text-anchor:end}.m{text-anchor:middle}
        .g{stroke:var(--grid);stroke-width:1}.a{stroke:var(--soft);stroke-width:1}
        .r{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 3}
        .l{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .d{fill:var(--c)}.o{fill:var(--back);stroke:var(--c);stroke-width:2}
        .w{stroke:var(--c);stroke-width:1.5}
        .f{fill:var(--c);fill-opacity:.25}.p{fill:var(--back)}.q{stroke:var(--soft);stroke-width:.75}
        .hi{fill:var(--high)}.lo{fill:var(--low)}.ze{fill:var(--zero);stroke:var(--line)}
        .tg{--c:var(--good)}.tb{--c:var(--bad)}.tn{--c:var(--soft)}
        .k{fill:var(--back);stroke:var(--c);stroke-width:1.5}.k.on{fill:var(--c)}
        svg text.on{fill:var(--back);font-weight:700}
        @media (max-width:480px){body{font-size:14px}th,td{padding:.3rem .45rem}\
        tbody th{white-space:normal;min-width:6.5rem;max-width:8.5rem;overflow-wrap:anywhere}}
        @media print{@page{margin:14mm}body{max-width:none;padding:0;font-size:10pt}nav{display:none}\
        h2{break-after:avoid}figure,tr,.facts div,.note{break-inside:avoid}\
        thead{display:table-header-group}.scroll{overflow:visible}table{font-size:7.5pt}\
        th,td{white-space:normal;padding:.15rem .3rem;overflow-wrap:normal}tbody th{position:static}\
        .plots{grid-template-columns:1fr 1fr}.plots.one{grid-template-columns:1fr}\
        svg.full{width:100%;height:auto}pre{white-space:pre-wrap}\
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """
}
