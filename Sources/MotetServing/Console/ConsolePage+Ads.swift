extension ConsolePage {
    /// What campaigns spent today, beside what was planned.
    static let ads = #"""
        const showAds = data => {
          byId('ads-card').hidden = !data.ads;
          if (!data.ads) return;
          const digits = new Intl.NumberFormat('en', {style: 'currency', currency: data.ads.currency})
            .resolvedOptions().maximumFractionDigits;
          const money = n => n.toLocaleString('en', {minimumFractionDigits: digits, maximumFractionDigits: digits})
            + ' ' + data.ads.currency;
          fill(byId('ads'), [data.ads.campaigns.length
            ? table('Campaigns today', [['campaign', 'wide'], ['spent', 'n'], ['planned by now', 'n'], ['budget', 'n'],
                ['share of its bid', 'n'], ['sold', 'n'], ['charged', 'n']],
              data.ads.campaigns.map(c => [c.campaign, money(c.spent), money(c.planned), money(c.budget), percent(c.share),
                count(c.sold), count(c.charges)]))
            : empty('No ads were asked for today.')]);
        };
        """#
}
