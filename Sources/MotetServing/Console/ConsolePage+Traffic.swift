extension ConsolePage {
    /// Tiles, traffic, latency, stages, models and store.
    static let traffic = #"""
        // What a console itself asks for is no traffic.
        const isOwn = route => ['console', 'console_data', 'metrics', 'healthz', 'readyz', 'openapi'].includes(route);
        let chosenRoute = null;
        const routesOf = data => data.traffic.routes.filter(r => !isOwn(r.route)).sort((a, b) => b.total - a.total);
        const routeOf = data => {
          const routes = routesOf(data);
          return routes.find(r => r.route === chosenRoute)
            || routes.find(r => ['recommend', 'score'].includes(r.route)) || routes[0];
        };
        // The last whole minute: the piece that goes on is left out.
        const lastMinute = (values, pieces) => sum(values.slice(-1 - pieces, -1));

        const tile = (what, value, unit, more, tone) => el('div', {class: `tile ${tone || ''}`},
          el('p', {class: 'what'}, what),
          el('p', {class: 'value'}, value, unit && value !== '–' ? el('small', {}, ' ' + unit) : null), el('p', {class: 'more'}, more));

        const showTiles = data => {
          const pieces = Math.round(60 / data.traffic.piece_seconds), routes = routesOf(data), route = routeOf(data);
          const uptime = (data.time - data.started) / 1000, seconds = Math.max(1, Math.min(60, uptime));
          const requests = sum(routes.map(r => lastMinute(r.requests, pieces)));
          const failed = sum(routes.map(r => sum(r.failed))), half = sum(routes.map(r => sum(r.requests)));
          const queue = data.queue, isFull = queue.waiting >= queue.limit && queue.limit > 0;
          const [memory, memoryUnit] = bytes(data.memory_bytes).split(' ');
          const worst = data.scores.flatMap(m => m.tasks.flatMap(t => t.spreads.map(s => s.stability)))
            .filter(s => s !== null).sort((a, b) => b - a)[0];
          fill(byId('tiles'), [
            tile('Requests', rate(requests / seconds), 'a second', `${count(sum(routes.map(r => r.total)))} since the start`),
            tile('Latency p50', ms(route?.p50_minute), 'ms', route ? `${route.route}, last minute` : 'no requests'),
            tile('Latency p99', ms(route?.p99_minute), 'ms', route ? `${route.route}, last minute` : 'no requests'),
            tile('Failures', count(failed), '', half ? `${percent(failed / half)} of the last half hour` : 'no requests', failed ? 'bad' : ''),
            tile('Queue', count(queue.waiting), `of ${count(queue.limit)}`, `${queue.busy} of ${queue.workers} threads busy`, isFull ? 'bad' : ''),
            tile('Degraded', count(data.degraded), '', 'answers from old features', data.degraded ? 'warn' : ''),
            tile('Drift', worst === undefined ? '–' : figure(worst, 2), '', 'greatest stability index',
              worst > 0.25 ? 'bad' : worst > 0.1 ? 'warn' : ''),
            tile('Memory', memory, memoryUnit, `${figure(data.cpu_seconds / Math.max(1, uptime), 2)} cores on average`),
          ]);
        };

        const showRequests = data => {
          const {times, piece_seconds: piece} = data.traffic, all = routesOf(data), place = byId('requests');
          if (!all.length) return fill(place, [empty('No requests yet. They show here as they come.')]);
          const named = all.slice(0, 5).map(r => ({name: r.route, values: r.requests, total: r.total}));
          const rest = all.slice(5);
          if (rest.length) named.push({name: 'others', total: sum(rest.map(r => r.total)),
            values: times.map((_, i) => sum(rest.map(r => r.requests[i])))});
          const totals = times.map((_, i) => sum(named.map(n => n.values[i])) / piece);
          const failed = times.map((_, i) => sum(all.map(r => r.failed[i])));
          const chart = timeChart(place, {times, piece, high: Math.max(...totals), format: v => figure(v, 2),
            title: 'Requests a second by route', text: `At most ${figure(Math.max(...totals))} a second within half an hour.`,
            told: i => [named.map((n, k) => tipLine(`c${k}`, n.name, figure(n.values[i] / piece, 2) + '/s')),
              failed[i] ? tipLine('c-bad', 'failed', count(failed[i])) : null]});
          times.forEach((_, i) => {
            let below = 0;
            named.forEach((n, k) => {
              const value = n.values[i] / piece;
              if (!value) return;
              const [from, to] = [chart.y(below), chart.y(below + value)];
              below += value;
              chart.svg.append(draw('rect', {class: `bar c${k}`, x: (chart.x(i) - chart.step * 0.42).toFixed(2), y: to.toFixed(2),
                width: (chart.step * 0.84).toFixed(2), height: Math.max(0.5, from - to).toFixed(2)}));
            });
            if (failed[i]) chart.svg.append(draw('circle', {class: 'dot c-bad', cx: chart.x(i), cy: chart.y(below) - 4, r: 2.5}));
          });
          fill(place, [chart.svg, el('ul', {class: 'legend'}, named.map((n, k) =>
            el('li', {}, key(`c${k}`), n.name, ' ', el('b', {}, count(n.total)))),
            sum(failed) ? el('li', {}, key('c-bad'), 'failed ', el('b', {}, count(sum(failed)))) : null)]);
        };

        const showTimes = data => {
          const {times, piece_seconds: piece} = data.traffic, route = routeOf(data), place = byId('times');
          fill(byId('routes'), tabs(routesOf(data).slice(0, 6).map(r => [r.route, r.route]), route?.route,
            id => { chosenRoute = id; show(); }));
          if (!route) return fill(place, [empty('No requests yet.')]);
          const known = route.p99.filter(v => v !== null);
          const chart = timeChart(place, {times, piece, high: Math.max(...known, 0), format: v => figure(v, 2),
            title: `Latency of ${route.route}`, text: `p50 ${ms(route.p50_all)} ms, p99 ${ms(route.p99_all)} ms within half an hour.`,
            told: i => [tipLine('c-main', 'p50', ms(route.p50[i]) + ' ms'), tipLine('c-other', 'p99', ms(route.p99[i]) + ' ms'),
              tipLine('', 'requests', count(route.requests[i]))]});
          lines(chart, route.p99, 'c-other');
          lines(chart, route.p50, 'c-main');
          fill(place, [chart.svg, el('ul', {class: 'legend'},
            el('li', {}, key('c-main', true), 'p50 ', el('b', {}, ms(route.p50_all), ' ms')),
            el('li', {}, key('c-other', true), 'p99 ', el('b', {}, ms(route.p99_all), ' ms')),
            el('li', {}, 'over half an hour'))]);
        };

        const showStages = data => {
          const whole = sum(data.stages.map(s => s.mean));
          if (!whole) return fill(byId('stages'), [empty('No answer of scores yet.')]);
          fill(byId('stages'), [
            el('div', {class: 'split', 'aria-hidden': 'true'}, data.stages.map((s, k) => el('i', {class: `c${k}`, grow: s.mean / whole}))),
            el('ul', {class: 'legend'}, data.stages.map((s, k) => el('li', {}, key(`c${k}`), s.stage, ' ', el('b', {}, ms(s.mean), ' ms')))),
          ]);
        };

        const showModels = data => {
          fill(byId('models'), [table('Models', [['role'], ['version', 'wide'], ['answers', 'n'], ['reference', 'wide']],
            data.models.map(m => [m.role,
              m.version ? [el('code', {}, m.version), m.previous ? el('span', {class: 'soft'}, ' before: ', el('code', {}, m.previous)) : null]
                : el('span', {class: 'badge warn'}, 'warming'),
              count(m.answers), m.reference ? `${count(m.reference.rows)} ${m.reference.part} rows` : el('span', {class: 'soft'}, 'none')])),
            data.differences.length ? el('p', {class: 'soft'}, 'Mean difference of the shadow: ',
              data.differences.map(d => `${d.task} ${figure(d.mean)}`).join(', ')) : null]);
        };

        const showStore = data => {
          const store = data.store;
          if (!store) return fill(byId('store'), [empty('This server keeps no online features: requests carry them all.')]);
          const facts = [['kept in', store.kind], ['applied', count(store.applied)], ['duplicate', count(store.duplicate)],
            ['late', count(store.late)], ['failures', count(store.failures)]];
          fill(byId('store'), [
            el('dl', {class: 'facts'}, facts.map(([name, value]) => el('div', {}, el('dt', {}, name),
              el('dd', {class: name === 'failures' && store.failures ? 'bad' : null}, value)))),
            store.operations.length ? table('What the store did', [['operation'], ['times', 'n'], ['mean ms', 'n']],
              store.operations.map(o => [o.operation, count(o.count), ms(o.mean)])) : null]);
        };
        """#
}
