extension ConsolePage {
    /// Scores by task and scenario, and how far they are from the reference.
    static let scores = #"""
        const chosenScenario = new Map();
        const badge = spread => {
          const value = spread.stability;
          if (value === null) return el('span', {class: 'badge'}, spread.reference ? 'too few scores' : 'no reference');
          const [tone, word] = value > 0.25 ? ['bad', 'drift'] : value > 0.1 ? ['warn', 'shifting'] : ['good', 'steady'];
          return el('span', {class: `badge ${tone}`}, `${word} ${figure(value, 2)}`);
        };
        const scenarioName = spread => spread.scenario === null ? 'all' : spread.scenario;

        const taskCard = (model, task, id) => {
          const chosen = task.spreads.find(s => s.scenario === (chosenScenario.get(id) ?? null)) || task.spreads[0];
          const scenarios = task.spreads.slice(0, 8).map(s => [s.scenario, scenarioName(s)]);
          const reference = chosen.reference;
          const facts = [['live mean', figure(chosen.mean)], ['reference', figure(reference?.mean)],
            ['labels', figure(reference?.label_mean)], ['scores', count(chosen.count)]];
          return el('article', {class: 'card'},
            el('header', {}, el('h3', {}, task.task), badge(chosen)),
            scenarios.length > 1 ? el('div', {class: 'tabs', role: 'group', 'aria-label': `Scenario of ${task.task}`},
              tabs(scenarios, chosen.scenario, scenario => { chosenScenario.set(id, scenario); show(); })) : null,
            spreadChart(task, chosen, `Scores of ${task.task}, ${scenarioName(chosen)}`),
            el('ul', {class: 'legend'}, el('li', {}, key('c-main'), 'live'),
              reference ? el('li', {}, key('c-ref', true), 'reference') : null, el('li', {}, key('c-other', true), 'live mean')),
            el('dl', {class: 'facts'}, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))));
        };

        // Alarms come first, then what moved most.
        const driftTable = checks => checks.length ? el('div', {class: 'card'}, table('Inputs and scores against training',
          [['what'], ['name', 'wide'], ['rows', 'n'], ['stability', 'n'], ['distance', 'n'], ['by chance', 'n'], ['expected / observed', 'n'], ['state']],
          [...checks].sort((a, b) => b.alarm - a.alarm || (b.stability ?? 0) - (a.stability ?? 0)).slice(0, 40).map(check =>
            [check.kind, check.name, count(check.rows), figure(check.stability, 2), figure(check.distance, 2), figure(check.probability, 2), figure(check.calibration, 3),
              el('span', {class: `badge ${check.alarm ? 'bad' : 'good'}`}, check.alarm ? 'alarm' : 'steady')]))) : null;

        const showScores = data => {
          if (!data.scores.length) return fill(byId('scores'), [el('div', {class: 'card'},
            empty('No scores within the last hour. Their histograms by task and scenario show here, beside the spread the run had on rows it has not learnt from.'))]);
          const shown = new Set(data.scores.map(model => model.version));
          fill(byId('scores'), [...data.scores.map(model => [
            data.scores.length > 1 ? el('p', {class: 'head soft'}, el('code', {}, model.version)) : null,
            el('div', {class: model.tasks.length % 4 ? 'cards' : 'cards four'}, model.tasks.map(task => taskCard(model, task, model.version + '/' + task.task))),
            el('div', {class: 'card'}, table(`Drift of ${model.version}`,
              [['task'], ['scenario', 'wide'], ['scores', 'n'], ['mean', 'n'], ['reference', 'n'], ['change', 'n'], ['labels', 'n'], ['stability']],
              model.tasks.flatMap(task => task.spreads.map(spread => {
                const reference = spread.reference?.mean;
                const change = reference > 0 && spread.mean !== null ? spread.mean / reference - 1 : null;
                return [task.task, scenarioName(spread), count(spread.count), figure(spread.mean), figure(reference),
                  signed(change),
                  figure(spread.reference?.label_mean), badge(spread)];
              })))),
            driftTable(data.drift.filter(check => check.version === model.version)),
          ]), driftTable(data.drift.filter(check => !shown.has(check.version)))]);
        };
        """#
}
