extension ConsolePage {
    /// What was forecast of periods, and what was sold in them.
    static let forecasts = #"""
        let chosenSeries = null;
        const seriesId = series => `${series.level}/${series.name}`;
        const seriesName = series => series.level === 'total' ? 'everything' : series.name;

        // For each period a band between the quantiles with the mean in it, and what was sold as a point.
        const forecastChart = (place, told, series) => {
          const points = series.points, width = Math.max(240, place.clientWidth), height = 190;
          const left = 44, right = 8, top = 10, bottom = 22;
          const limit = niceTop(Math.max(0, ...points.flatMap(p => [p.high, p.mean, p.actual]))), inner = width - left - right;
          const x = index => left + inner * (index + 0.5) / points.length, step = inner / points.length;
          const y = value => height - bottom - (height - top - bottom) * Math.min(value, limit) / limit;
          const known = points.filter(p => p.over && p.actual !== null && p.mean !== null);
          const inside = known.filter(p => p.actual >= p.low - 0.0005 && p.actual <= p.high + 0.0005).length;
          const svg = draw('svg', {class: 'chart', role: 'img', width, height, viewBox: `0 0 ${width} ${height}`},
            draw('title', {}, `Units by ${told.period} of ${seriesName(series)}`),
            draw('desc', {}, `${inside} of ${known.length} outcomes lie between the quantiles.`));
          const ticks = ticksOf(limit);
          for (let tick = 0; tick <= ticks; tick++) {
            const value = limit * tick / ticks;
            svg.append(draw('line', {class: tick ? 'grid' : 'axis', x1: left, x2: width - right, y1: y(value), y2: y(value)}),
              draw('text', {x: left - 6, y: y(value) + 4, 'text-anchor': 'end'}, count(value)));
          }
          const every = Math.max(1, Math.ceil(46 / step)), half = Math.min(step * 0.38, 22);
          points.forEach((point, index) => {
            if (index % every === 0 && x(index) > left + 10 && x(index) < width - 16)
              svg.append(draw('text', {x: x(index), y: height - 6, 'text-anchor': 'middle'}, point.start.slice(5)));
            if (point.mean !== null) svg.append(
              draw('rect', {class: 'band c-main', x: x(index) - half, y: y(point.high), width: 2 * half, rx: 2,
                height: Math.max(1, y(point.low) - y(point.high))}),
              draw('line', {class: 'line c-main', x1: x(index) - half, x2: x(index) + half, y1: y(point.mean), y2: y(point.mean)}));
            if (point.actual !== null) svg.append(draw('circle', {class: point.over ? 'dot c-other' : 'ring c-other',
              cx: x(index), cy: y(point.actual), r: 3.5}));
          });
          svg.addEventListener('pointermove', event => {
            const box = svg.getBoundingClientRect();
            const point = points[Math.floor((event.clientX - box.left - left) / inner * points.length)];
            if (!point) return hideTip();
            showTip(event, [el('b', {}, point.start), tipLine('c-main', 'expected', figure(point.mean)),
              tipLine('', 'between', point.mean === null ? '–' : `${figure(point.low)} and ${figure(point.high)}`),
              tipLine('c-other', point.over ? 'sold' : 'sold so far', figure(point.actual))]);
          });
          svg.addEventListener('pointerleave', hideTip);
          return svg;
        };

        const showForecasts = data => {
          const told = data.forecasts, place = byId('forecasts');
          byId('forecasts-card').hidden = !told;
          if (!told) return;
          const stated = percent(told.stated).replace(/\.0+ /, ' ');
          const series = told.series.find(s => seriesId(s) === chosenSeries) || told.series[0];
          fill(byId('forecast-series'), series ? tabs(told.series.map(s => [seriesId(s), seriesName(s)]), seriesId(series),
            id => { chosenSeries = id; show(); }) : []);
          fill(place, series ? [forecastChart(place, told, series), el('ul', {class: 'legend'},
            el('li', {}, key('c-main'),
              el('span', {}, 'expected, with ', el('b', {}, stated), ' between the quantiles')),
            el('li', {}, key('c-other'), 'sold'), el('li', {}, `history until the ${told.period} of ${told.origin}`))] : []);
          fill(byId('forecast-scores'), [told.scores.length
            ? table('Forecasts against outcomes', [['level'], [`${told.period}s ahead`, 'n'], [`${told.period}s`, 'n'],
                ['forecasts', 'n'], ['WAPE', 'n'], ['bias', 'n'], [`inside, of ${stated}`, 'n']],
              told.scores.map(s => [s.level, String(s.ahead), count(s.periods), count(s.count), percent(s.wape),
                signed(s.bias), percent(s.inside)]))
            : empty(told.counts_events ? `No ${told.period} that was forecast is over yet.`
              : `No outcome is known yet. This server counts no purchases: POST /v1/forecast/sales tells what was sold in a ${told.period}.`)]);
        };
        """#
}
