extension ConsolePage {
    /// Charts, drawn in the width there is.
    static let charts = #"""
        const niceTop = value => {
          if (!(value > 0)) return 1;
          const power = 10 ** Math.floor(Math.log10(value));
          return [1, 2, 3, 4, 5, 6, 8, 10].map(n => n * power).find(n => n >= value * 0.999);
        };
        // Pieces between round numbers.
        const ticksOf = limit => ({3: 3, 5: 5, 6: 3})[Math.round(limit / 10 ** Math.floor(Math.log10(limit * 1.001)))] || 4;
        const tip = byId('tip');
        const hideTip = () => { tip.hidden = true; };
        const showTip = (event, children) => {
          fill(tip, children);
          tip.hidden = false;
          const box = tip.getBoundingClientRect();
          const left = event.clientX + 14 + box.width > innerWidth ? event.clientX - 14 - box.width : event.clientX + 14;
          tip.style.left = Math.max(4, left) + 'px';
          tip.style.top = Math.max(4, Math.min(innerHeight - box.height - 4, event.clientY + 14)) + 'px';
        };
        const tipLine = (kind, name, value) => el('p', {}, kind ? key(kind) : null, el('span', {}, name), el('b', {}, value));

        // The frame of a chart over time: its scales, ticks and what is told under the pointer.
        const timeChart = (place, options) => {
          const width = Math.max(240, place.clientWidth), height = 190;
          const left = 38, right = 8, top = 10, bottom = 22;
          const {times, piece, high, format, title, text, told} = options;
          const limit = niceTop(high), inner = width - left - right;
          const x = index => left + inner * (index + 0.5) / times.length;
          const y = value => height - bottom - (height - top - bottom) * Math.min(value, limit) / limit;
          const svg = draw('svg', {class: 'chart', role: 'img', width, height, viewBox: `0 0 ${width} ${height}`},
            draw('title', {}, title), draw('desc', {}, text));
          const ticks = ticksOf(limit);
          for (let step = 0; step <= ticks; step++) {
            const value = limit * step / ticks;
            svg.append(draw('line', {class: step ? 'grid' : 'axis', x1: left, x2: width - right, y1: y(value), y2: y(value)}),
              draw('text', {x: left - 6, y: y(value) + 4, 'text-anchor': 'end'}, format(value)));
          }
          const minutes = width < 420 ? 600 : 300;
          times.forEach((time, index) => {
            const second = Math.round(time / 1000 / piece) * piece;
            if (second % minutes || x(index) < left + 16 || x(index) > width - 22) return;
            svg.append(draw('text', {x: x(index), y: height - 6, 'text-anchor': 'middle'}, clock(second * 1000, false)));
          });
          const pointer = draw('line', {class: 'axis', y1: top, y2: height - bottom, visibility: 'hidden'});
          svg.append(pointer);
          svg.addEventListener('pointermove', event => {
            const box = svg.getBoundingClientRect();
            const index = Math.floor((event.clientX - box.left - left) / inner * times.length);
            if (index < 0 || index >= times.length) return hideTip();
            set(pointer, {x1: x(index), x2: x(index), visibility: 'visible'});
            showTip(event, [el('b', {}, clock(times[index])), told(index)]);
          });
          svg.addEventListener('pointerleave', () => { hideTip(); set(pointer, {visibility: 'hidden'}); });
          return {svg, x, y, step: inner / times.length, width};
        };

        // Lines with gaps where nothing is known; a value alone is a dot.
        const lines = (chart, values, kind) => {
          let path = '', alone = [];
          values.forEach((value, index) => {
            if (value === null) return;
            const isFirst = index === 0 || values[index - 1] === null;
            if (isFirst && (index === values.length - 1 || values[index + 1] === null)) alone.push(index);
            path += `${isFirst ? 'M' : 'L'}${chart.x(index).toFixed(1)} ${chart.y(value).toFixed(1)}`;
          });
          chart.svg.append(draw('path', {class: `line ${kind}`, d: path}), ...alone.map(index =>
            draw('circle', {class: `dot ${kind}`, cx: chart.x(index), cy: chart.y(values[index]), r: 2})));
        };

        // Bars of live scores, the reference as a line of steps behind them.
        const spreadChart = (task, spread, title) => {
          const width = 320, height = 150, left = 4, right = 4, top = 8, bottom = 22;
          const total = Math.max(1, spread.count), live = spread.counts.map(n => n / total);
          const shares = spread.reference ? spread.reference.shares : [];
          const limit = Math.max(...live, ...shares, 1e-9) * 1.06, bins = live.length;
          const x = index => left + (width - left - right) * index / bins;
          const y = value => height - bottom - (height - top - bottom) * value / limit;
          const low = task.edges[0], high = task.edges[bins];
          const place = value => {
            const share = task.logarithmic ? Math.log(Math.max(value, 1e-30) / low) / Math.log(high / low)
              : (value - low) / (high - low);
            return x(bins * Math.min(1, Math.max(0, share)));
          };
          const svg = draw('svg', {class: 'chart', role: 'img', viewBox: `0 0 ${width} ${height}`},
            draw('title', {}, title), draw('desc', {},
              `${count(spread.count)} live scores between ${figure(low)} and ${figure(high)}`
              + (spread.reference ? ', beside the spread of the reference' : '')),
            draw('line', {class: 'axis', x1: left, x2: width - right, y1: y(0), y2: y(0)}));
          live.forEach((share, index) => share > 0 && svg.append(draw('rect', {class: 'bar c-main',
            x: x(index) + 0.75, y: y(share), width: x(1) - x(0) - 1.5, height: y(0) - y(share), rx: 1})));
          if (shares.length) {
            const steps = shares.map((share, index) => `${index ? 'L' : 'M'}${x(index)} ${y(share)}L${x(index + 1)} ${y(share)}`);
            svg.append(draw('path', {class: 'refline', d: steps.join('')}));
          }
          if (spread.mean !== null) svg.append(draw('line', {class: 'mean c-other', x1: place(spread.mean),
            x2: place(spread.mean), y1: top - 4, y2: y(0)}));
          [0, bins / 2, bins].forEach((index, number) => svg.append(draw('text', {x: x(index), y: height - 6,
            'text-anchor': ['start', 'middle', 'end'][number]}, figure(task.edges[index], 2))));
          svg.addEventListener('pointermove', event => {
            const box = svg.getBoundingClientRect();
            const index = Math.floor(((event.clientX - box.left) / box.width * width - left) / (width - left - right) * bins);
            if (index < 0 || index >= bins) return hideTip();
            showTip(event, [el('b', {}, `${figure(task.edges[index])} to ${figure(task.edges[index + 1])}`),
              tipLine('c-main', 'live', percent(live[index])),
              shares.length ? tipLine('c-ref', 'reference', percent(shares[index])) : null]);
          });
          svg.addEventListener('pointerleave', hideTip);
          return svg;
        };
        """#
}
