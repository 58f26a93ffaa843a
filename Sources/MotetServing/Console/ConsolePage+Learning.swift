extension ConsolePage {
    /// What learning promoted and discarded.
    static let learning = #"""
        const showLearning = data => {
          byId('learning-card').hidden = !data.learning;
          if (!data.learning) return;
          const losses = step => step.tasks.map(t => el('p', {},
            `${t.task}: ${figure(t.live.log_loss, 4)} → ${figure(t.candidate.log_loss, 4)}`));
          fill(byId('learning'), [data.learning.length
            ? table('Steps of learning', [['step', ''], ['logs until', 'n'], ['rows', 'n'], ['corrections', 'n'],
                ['log loss, live → candidate'], ['became', 'wide']],
              data.learning.map(s => [String(s.step), new Date(s.through).toISOString().slice(0, 16).replace('T', ' '),
                count(s.rows), count(s.corrections), losses(s),
                s.promoted ? `promoted: ${s.promoted}` : `discarded: ${s.reason}`]))
            : empty('Nothing was learnt yet.')]);
        };
        """#
}
