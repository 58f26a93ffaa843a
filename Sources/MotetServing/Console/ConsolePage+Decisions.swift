extension ConsolePage {
    /// Recent answers, each with what explains it; what was opened stays open.
    static let decisions = #"""
        const opened = new Set();
        const decisionId = d => d.request + '/' + d.time;
        const chips = texts => el('span', {class: 'chips'}, texts.map(t => el('span', {class: 'chip'}, t)));

        const decisionItems = decision => {
          const names = [...new Set(decision.items.flatMap(i => i.scores.map(s => s.task)))];
          const most = Object.fromEntries(names.map(name => [name,
            Math.max(1e-12, ...decision.items.flatMap(i => i.scores.filter(s => s.task === name).map(s => s.value)))]));
          const hasValue = decision.items.some(i => i.value !== null);
          const hasSources = decision.items.some(i => i.sources.length), hasReasons = decision.items.some(i => i.reasons.length);
          const columns = [['item'], ...(hasValue ? [['value', 'n']] : []), ...names.map(name => [name]),
            ...(hasSources ? [['from', 'wide']] : []), ...(hasReasons ? [['moved by', 'wide']] : [])];
          return table(`Items of ${decision.request}`, columns, decision.items.map(item => [item.id,
            ...(hasValue ? [figure(item.value)] : []),
            ...names.map(name => {
              const score = item.scores.find(s => s.task === name);
              return score ? [el('span', {class: 'meter', 'aria-hidden': 'true'},
                el('i', {'width%': Math.max(0, Math.min(100, 100 * score.value / most[name]))})), figure(score.value)] : '–';
            }),
            ...(hasSources ? [chips(item.sources)] : []), ...(hasReasons ? [item.reasons.join('; ')] : [])]));
        };

        const decisionRow = decision => {
          const id = decisionId(decision);
          const row = el('details', {open: opened.has(id)},
            el('summary', {},
              el('span', {class: 'soft'}, clock(decision.time)), el('b', {}, decision.kind),
              el('span', {}, decision.user ? ['user ', el('code', {}, decision.user)] : el('span', {class: 'soft'}, 'no user')),
              el('span', {}, decision.scenario ?? ''),
              el('span', {class: 'n'}, ms(decision.milliseconds), ' ms'),
              el('span', {class: 'chips'}, el('span', {class: 'chip'}, `${count(decision.count)} items`),
                decision.variant === 'control' ? null : el('span', {class: 'chip'}, decision.variant),
                decision.degraded ? el('span', {class: 'badge warn'}, 'degraded') : null)),
            el('div', {}, el('p', {class: 'soft'}, 'request ', el('code', {}, decision.request), ', answered by ',
                el('code', {}, decision.model), decision.count > decision.items.length
                  ? `; ${decision.items.length} of ${count(decision.count)} items are shown` : ''),
              decision.notes.length ? el('p', {class: 'soft'}, decision.notes.join('; ')) : null,
              decision.items.length ? decisionItems(decision) : null));
          row.addEventListener('toggle', () => { if (row.open) opened.add(id); else opened.delete(id); });
          return row;
        };

        let shownDecisions = '';
        const showDecisions = data => {
          // Nothing is made anew where nothing is new: what has the focus keeps it.
          const all = data.decisions.map(decisionId).join(' ');
          if (all && all === shownDecisions) return;
          shownDecisions = all;
          if (!data.decisions.length) return fill(byId('decisions'), [empty('No answers yet. The most recent ones show here, with the scores of their items and what explains them.')]);
          fill(byId('decisions'), data.decisions.slice(0, 50).map(decisionRow));
        };
        """#
}
