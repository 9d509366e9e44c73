// A job under way: its message and progress, and the page again when it has ended.
interface State {
  is_active: boolean;
  state: string;
  message: string; // English where this is not for a page
  explanation?: string; // the same in the language of the page
  percent: number;
}

const PAUSE = 1000; // milliseconds

function show(state: State): void {
  const message = document.getElementById('job-message');
  const progress = document.getElementById('job-progress') as HTMLProgressElement | null;
  const text = state.explanation ?? state.message;
  if (message && message.textContent !== text) {
    message.textContent = text;
  }
  if (progress && state.percent) {
    progress.value = state.percent;
  }
}

async function look(address: string): Promise<void> {
  try {
    const answer = await fetch(address, { headers: { Accept: 'application/json' } });
    const state = await answer.json() as State;
    if (answer.ok && state.is_active === false) {
      location.reload();
      return;
    }
    if (answer.ok && state.is_active === undefined) {
      location.reload(); // what was waited for is there
      return;
    }
    show(state);
  } catch {
    // the network may come back
  }
  setTimeout(() => look(address), PAUSE);
}

export function followJob(): void {
  const address = document.getElementById('job')?.dataset.follow;
  if (address) {
    setTimeout(() => look(address), PAUSE);
  }
}
