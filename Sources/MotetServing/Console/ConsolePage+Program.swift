extension ConsolePage {
    /// Asks for the figures every two seconds while somebody looks.
    static let program = #"""
        let data = null, secret = '', isPaused = false, failures = 0, timer = 0;
        const say = (text, tone) => { const state = byId('state'); state.textContent = text; state.className = `pill ${tone}`; };

        const show = () => {
          if (!data) return;
          byId('main').hidden = false;
          const model = data.models[0];
          byId('lead').textContent = [model?.version ?? 'no model is warm yet', `up ${span((data.time - data.started) / 1000)}`,
            `Motet ${data.motet}`].join(' · ');
          for (const part of [showTiles, showRequests, showTimes, showStages, showScores, showDecisions, showAds, showLearning,
            showForecasts, showModels, showStore])
            part(data);
        };

        // What has the focus in a part that is made anew has it afterwards too.
        const keepingFocus = body => {
          const active = document.activeElement, place = active?.closest('[id]:not(body)');
          const text = active?.textContent, tag = active?.tagName;
          body();
          if (!active || active.isConnected || !place?.isConnected) return;
          [...place.querySelectorAll(tag)].find(node => node.textContent === text)?.focus({preventScroll: true});
        };

        const ask = async () => {
          clearTimeout(timer);
          if (isPaused || document.hidden) return;
          try {
            const reply = await fetch('console/data', {cache: 'no-store', headers: secret ? {Authorization: 'Bearer ' + secret} : {}});
            if (reply.status === 401) {
              byId('refused').hidden = !secret;
              byId('secret').hidden = false;
              byId('main').hidden = true;
              return say('Closed', 'warn');
            }
            if (!reply.ok) throw new Error(String(reply.status));
            data = await reply.json();
            failures = 0;
            byId('secret').hidden = true;
            say(data.ready ? 'Live' : 'Warming', data.ready ? 'good' : 'warn');
            keepingFocus(show);
          } catch (error) {
            failures += 1;
            say('No answer', 'bad');
          }
          timer = setTimeout(ask, Math.min(30000, 2000 * 2 ** Math.min(failures, 4)));
        };

        byId('pause').addEventListener('click', () => {
          isPaused = !isPaused;
          byId('pause').textContent = isPaused ? 'Go on' : 'Pause';
          set(byId('pause'), {'aria-pressed': String(isPaused)});
          if (isPaused) say('Paused', 'warn'); else ask();
        });
        byId('secret').addEventListener('submit', event => {
          event.preventDefault();
          secret = byId('token').value.trim();
          byId('token').value = '';
          ask();
        });
        document.addEventListener('visibilitychange', ask);
        let width = innerWidth;
        addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; show(); } });
        ask();
        """#
}
