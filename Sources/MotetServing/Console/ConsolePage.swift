/// The page of the console: one document with its styles and its program in it, which asks for nothing but its
/// figures.
///
/// The program makes elements and text nodes, never markup: what stands in the figures, such as the identity of an
/// item, is shown as it is.
enum ConsolePage {
    /// The page.
    ///
    /// - Parameter nonce: what the policy of the answer lets styles and program run by.
    /// - Returns: the document.
    static func html(nonce: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>Motet console</title>
        <link rel="icon" href="data:image/svg+xml,\(icon)">
        <style nonce="\(nonce)">\(style)</style>
        </head>
        <body>
        \(body)
        <script nonce="\(nonce)">
        (() => {
        'use strict';
        \(helpers)
        \(charts)
        \(traffic)
        \(scores)
        \(decisions)
        \(ads)
        \(learning)
        \(forecasts)
        \(program)
        })();
        </script>
        </body>
        </html>

        """
    }

    /// Three voices, as the bars of a chart.
    private static let icon =
        "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
        + "rx='4' fill='%231f5fbf'/%3E%3Cpath d='M4 12V7M8 12V4M12 12V9' stroke='white' stroke-width='2' "
        + "stroke-linecap='round'/%3E%3C/svg%3E"

    private static let body = #"""
        <header class="top">
          <svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><rect width="16" height="16" rx="4"/>
            <path d="M4 12V7M8 12V4M12 12V9"/></svg>
          <div class="name"><h1>Motet console</h1><p id="lead">Waiting for figures.</p></div>
          <div class="state">
            <p id="state" class="pill" role="status">Connecting</p>
            <button id="pause" type="button" aria-pressed="false">Pause</button>
          </div>
        </header>
        <form id="secret" hidden>
          <label for="token">The secret of the admin routes</label>
          <div><input id="token" type="password" autocomplete="off" required><button>Open</button></div>
          <p id="refused" class="bad" hidden>It does not open the console.</p>
        </form>
        <main id="main" hidden>
          <section aria-labelledby="now"><h2 id="now" class="hidden">Now</h2><div id="tiles"></div></section>
          <div class="pair">
            <section class="card" aria-labelledby="traffic"><header><h2 id="traffic">Traffic</h2>
              <p>requests a second, last half hour</p></header><div id="requests" class="plot"></div></section>
            <section class="card" aria-labelledby="latency"><header><h2 id="latency">Latency</h2>
              <p>milliseconds, last half hour</p></header><div id="routes" class="tabs" role="group"
              aria-label="Route"></div><div id="times" class="plot"></div></section>
          </div>
          <section class="card" aria-labelledby="stages-name"><header><h2 id="stages-name">Where the time
            goes</h2><p>mean of an answer of scores since the start</p></header><div id="stages"></div></section>
          <section aria-labelledby="scores-name"><header class="head"><h2 id="scores-name">Scores and drift</h2>
            <p>last hour, against rows the run has not learnt from</p></header><div id="scores"></div></section>
          <section class="card" aria-labelledby="decisions-name"><header><h2 id="decisions-name">Recent
            decisions</h2><p>users as pseudonyms that end with the process</p></header>
            <div id="decisions" tabindex="0" role="region" aria-label="Recent decisions"></div></section>
          <section id="ads-card" class="card" aria-labelledby="ads-name" hidden><header><h2 id="ads-name">Ads</h2>
            <p>what campaigns spent today, beside the plan</p></header><div id="ads"></div></section>
          <section id="learning-card" class="card" aria-labelledby="learning-name" hidden><header><h2 id="learning-name">Learning</h2>
            <p>candidates beside the model that answered, on the same recent rows</p></header><div id="learning"></div></section>
          <section id="forecasts-card" class="card" aria-labelledby="forecasts-name" hidden><header><h2 id="forecasts-name">Forecasts
            against outcomes</h2><p>what was expected of periods, and what was sold in them</p></header><div id="forecast-series"
            class="tabs" role="group" aria-label="Series"></div><div id="forecasts" class="plot"></div>
            <div id="forecast-scores"></div></section>
          <div class="pair">
            <section class="card" aria-labelledby="models-name"><header><h2 id="models-name">Models</h2></header>
              <div id="models"></div></section>
            <section class="card" aria-labelledby="store-name"><header><h2 id="store-name">Feature store</h2></header>
              <div id="store"></div></section>
          </div>
        </main>
        <div id="tip" hidden></div>
        <noscript><p class="note">The console needs JavaScript; the same figures stand in /metrics.</p></noscript>
        """#
}
