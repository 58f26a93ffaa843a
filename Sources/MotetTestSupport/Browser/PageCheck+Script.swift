extension PageCheck {
    /// The body of the function that looks at a page; its arguments are the text of JSON files by name, the
    /// width of the window, and whether the page may have a program.
    static let script = #"""
        const faults = [], places = new Set();
        const say = (element, text) => {
            const name = element.tagName.toLowerCase() + (element.id ? '#' + element.id : '');
            faults.push(`${name} "${element.textContent.trim().slice(0, 40)}": ${text}`);
        };
        const all = [...document.querySelectorAll('body, body *')];

        // Width. A phone shows a page that is too wide smaller, so its `innerWidth` grows with the page.
        const page = document.scrollingElement, wide = document.documentElement.clientWidth;
        if (wide > arguments[1]) faults.push(`the page is laid out ${wide} wide, the window is ${arguments[1]}`);
        if (page.scrollWidth > wide) faults.push(`the page is ${page.scrollWidth} wide, the window ${wide}`);
        const box = element => {
            for (let up = element.parentElement; up; up = up.parentElement)
                if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX)) return up;
            return null;
        };
        for (const element of all) {
            const rect = element.getBoundingClientRect();
            if (rect.width === 0 || box(element)) continue;
            if (rect.right > wide + 0.5 || rect.left < -0.5)
                say(element, `reaches from ${rect.left} to ${rect.right} in a window of ${wide}`);
        }
        for (const text of document.querySelectorAll('svg text')) {
            const outer = text.ownerSVGElement.getBoundingClientRect(), rect = text.getBoundingClientRect();
            if (rect.left < outer.left - 1 || rect.right > outer.right + 1 || rect.top < outer.top - 1
                || rect.bottom > outer.bottom + 1) say(text, 'is cut off by its drawing');
        }

        // Contrast.
        const colour = text => {
            const parts = (text.match(/[\d.]+/g) || []).map(Number);
            return {rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : parts.length ? 1 : 0};
        };
        const over = (top, alpha, below) => top.map((value, index) => value * alpha + below[index] * (1 - alpha));
        const light = rgb => {
            const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const layers = element => {
            const found = [];
            for (let up = element; up; up = up.parentElement) {
                const back = colour(getComputedStyle(up).backgroundColor);
                if (back.alpha > 0 && up.namespaceURI.includes('xhtml')) found.push(back);
                if (back.alpha === 1) break;
            }
            return found;
        };
        const drawn = (element, x, y) => {
            const found = [];
            for (const under of document.elementsFromPoint(x, y)) {
                if (under === element || under.tagName === 'text') continue;
                const style = getComputedStyle(under);
                if (under instanceof SVGElement) {
                    if (style.fill === 'none' || !(under instanceof SVGGeometryElement) || under.tagName === 'line') continue;
                    const fill = colour(style.fill);
                    found.push({rgb: fill.rgb, alpha: fill.alpha * Number(style.fillOpacity) * Number(style.opacity)});
                } else {
                    const back = colour(style.backgroundColor);
                    if (back.alpha > 0) found.push(back);
                    if (back.alpha === 1) break;
                }
            }
            return found;
        };
        let texts = 0, leastContrast = 21;
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const known = new Map();
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const element = node.parentElement;
            if (!node.data.trim() || ['title', 'desc', 'style', 'script'].includes(element.tagName.toLowerCase())) continue;
            const style = getComputedStyle(element), isDrawn = element instanceof SVGElement;
            let stack;
            if (isDrawn) {
                element.scrollIntoView({block: 'center', inline: 'center'});
                const rect = element.getBoundingClientRect();
                stack = drawn(element, rect.left + rect.width / 2, rect.top + rect.height / 2);
            } else stack = layers(element);
            let ground = [255, 255, 255];
            for (const layer of stack.reverse()) ground = over(layer.rgb, layer.alpha, ground);
            const ink = colour(isDrawn ? style.fill : style.color);
            const value = contrast(light(over(ink.rgb, ink.alpha, ground)), light(ground));
            texts += 1;
            leastContrast = Math.min(leastContrast, value);
            if (value < 4.5) say(element, `contrast ${value.toFixed(2)}: ${isDrawn ? style.fill : style.color} on rgb(${ground.map(Math.round)})`);
        }
        scrollTo(0, 0);

        // Numbers and names.
        const files = Object.fromEntries(Object.entries(arguments[0]).map(([name, text]) => [name, JSON.parse(text)]));
        const resolve = (file, pointer) => pointer.split('/').slice(1)
            .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
            .reduce((value, part) => value === undefined || value === null ? undefined : value[part], files[file]);
        const isRounded = (text, value) => {
            const match = text.trim().match(/^([+-]?[\d.]+(?:e[+-]?\d+)?)([kMGT]?)([ \u00a0]%)?$/);
            if (!match) return false;
            const unit = {'': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12}[match[2]] / (match[3] ? 100 : 1);
            const [digits, power] = match[1].split('e');
            const decimals = (digits.split('.')[1] || '').length;
            const step = 10 ** (Number(power || 0) - decimals);
            return Math.abs(Number(match[1]) - value / unit) <= step * 0.5000001 + Math.abs(value / unit) * 1e-12;
        };
        for (const element of document.querySelectorAll('[data-value], [data-from]')) {
            const text = element.textContent, value = element.dataset.value, from = element.dataset.from;
            if (value !== undefined && !isRounded(text, Number(value))) say(element, `is not ${value}, rounded`);
            if (from === undefined) continue;
            const file = element.closest('[data-source]')?.dataset.source;
            const pointer = from.startsWith('/') ? from : (element.closest('[data-at]')?.dataset.at ?? '') + '/' + from;
            if (!file) { say(element, `no file for ${pointer}`); continue; }
            const there = resolve(file, pointer);
            places.add(file + '#' + pointer);
            if (value === undefined ? there !== text : there !== Number(value))
                say(element, `${file}${pointer} is ${there}, not ${value ?? text}`);
        }
        for (const cell of document.querySelectorAll('table[data-source] tbody td'))
            if (/^[+-]?[\d.]+([ \u00a0]%)?$/.test(cell.textContent.trim()) && !cell.querySelector('[data-from]'))
                say(cell, 'a number without a place in the file');

        // For those who do not see it.
        const drawings = [...document.querySelectorAll('svg[role=img]')];
        for (const drawing of drawings)
            if (!drawing.querySelector(':scope > title')?.textContent || !drawing.querySelector(':scope > desc')?.textContent)
                say(drawing, 'has no title or no description');
        for (const table of document.querySelectorAll('table'))
            if (!table.caption?.textContent || [...table.querySelectorAll('thead th')].some(h => h.scope !== 'col'))
                say(table, 'has no caption or no headings');
        const ids = all.map(e => e.id).filter(id => id);
        if (new Set(ids).size !== ids.length) faults.push('two elements have one name');
        if (document.querySelectorAll('h1').length !== 1) faults.push('there is not one h1');
        for (const element of document.querySelectorAll('script, iframe, object, embed, link[rel=stylesheet], img'))
            if (element.tagName !== 'SCRIPT' || !arguments[2]) say(element, 'does not belong into a report');

        return {
            faults, places: [...places], drawings: drawings.length, texts, leastContrast,
            ground: getComputedStyle(document.body).backgroundColor,
        };
        """#
}
