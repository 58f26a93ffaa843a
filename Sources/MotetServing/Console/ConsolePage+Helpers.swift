extension ConsolePage {
    /// Elements, numbers and times.
    static let helpers = #"""
        const byId = id => document.getElementById(id);
        // Children are nodes, or values that become text; markup is never read.
        const fill = (node, children) => {
          node.replaceChildren(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false)
            .map(c => c instanceof Node ? c : document.createTextNode(String(c))));
          return node;
        };
        const set = (node, attributes) => {
          for (const [name, value] of Object.entries(attributes || {})) {
            if (value === null || value === undefined || value === false) continue;
            if (name === 'width%') node.style.width = value + '%';
            else if (name === 'grow') node.style.flexGrow = value;
            else node.setAttribute(name, value === true ? '' : value);
          }
          return node;
        };
        const el = (tag, attributes, ...children) =>
          fill(set(document.createElement(tag), attributes), children);
        const draw = (tag, attributes, ...children) =>
          fill(set(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes), children);

        const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
        const short = new Intl.NumberFormat('en', {notation: 'compact', maximumSignificantDigits: 3});
        const count = n => n === null || n === undefined ? '–' : n < 1e5 ? whole.format(n) : short.format(n);
        const figure = (n, digits = 3) => {
          if (n === null || n === undefined || !isFinite(n)) return '–';
          if (n === 0) return '0';
          const size = Math.floor(Math.log10(Math.abs(n)));
          if (size < -4 || size > 6) return n.toExponential(digits - 1);
          return n.toFixed(Math.max(0, Math.min(6, digits - 1 - size)));
        };
        const percent = n => n === null || n === undefined ? '–' : figure(100 * n, n < 0.1 ? 2 : 3) + ' %';
        // How much more or less: `+1.2 %`.
        const signed = n => {
          if (n === null || n === undefined || !isFinite(n)) return '–';
          const size = Math.abs(100 * n).toFixed(1);
          return (size === '0.0' ? '' : n > 0 ? '+' : '−') + size + ' %';
        };
        const rate = n => n < 10 ? figure(n, 2) : whole.format(n);
        const ms = n => n === null || n === undefined ? '–' : figure(n, n < 1 ? 2 : 3);
        const bytes = n => {
          if (n === null) return '–';
          const power = Math.min(4, Math.floor(Math.log2(Math.max(1, n)) / 10));
          return figure(n / 2 ** (10 * power)) + ' ' + ['B', 'KiB', 'MiB', 'GiB', 'TiB'][power];
        };
        const clock = (time, seconds = true) => new Date(time).toLocaleTimeString('en-GB',
          {hour: '2-digit', minute: '2-digit', second: seconds ? '2-digit' : undefined});
        const span = seconds => {
          const units = [[86400, 'd'], [3600, 'h'], [60, 'min']];
          for (const [unit, name] of units)
            if (seconds >= 2 * unit) return Math.floor(seconds / unit) + ' ' + name;
          return Math.max(0, Math.floor(seconds)) + ' s';
        };
        const sum = list => list.reduce((a, b) => a + b, 0);
        const empty = text => el('p', {class: 'empty'}, text);
        const key = (kind, isThin) => el('span', {class: `key ${kind}${isThin ? ' thin' : ''}`});
        const tabs = (names, chosen, choose) => names.map(([id, name]) => {
          const button = el('button', {type: 'button', 'aria-pressed': String(id === chosen)}, name);
          button.addEventListener('click', () => choose(id));
          return button;
        });
        const table = (caption, columns, rows) => el('div', {class: 'scroll', tabindex: '0', role: 'region',
            'aria-label': caption},
          el('table', {}, el('caption', {class: 'hidden'}, caption),
            el('thead', {}, el('tr', {}, columns.map(([name, kind]) =>
              el('th', {scope: 'col', class: kind}, name)))),
            el('tbody', {}, rows.map(cells => el('tr', {}, cells.map((cell, index) => index
              ? el('td', {class: columns[index][1]}, cell) : el('th', {scope: 'row'}, cell)))))));
        """#
}
