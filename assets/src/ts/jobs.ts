// The page of a job follows it while it waits or runs; without this its link looks again.
import { fetchDocument, takeParts } from './document';

const PAUSE = 2000; // milliseconds between two looks
const PART = 'job-live';

/** Somebody may be about to press a button of the part: what has the focus stays, as the same control of the new part. */
function keepFocus(replace: () => void): void {
  const part = document.getElementById(PART);
  const controls = (): HTMLElement[] => [...(document.getElementById(PART)?.querySelectorAll<HTMLElement>('a, button') ?? [])];
  const focused = part?.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const text = focused?.textContent;
  replace();
  if (focused) {
    controls().find((control) => control.textContent === text)?.focus();
  }
}

async function look(): Promise<void> {
  const before = document.getElementById(PART);
  try {
    const page = await fetchDocument(location.href);
    keepFocus(() => takeParts(page, [PART]));
    const after = document.getElementById(PART);
    if (after && before && after.dataset.state !== before.dataset.state) {
      document.getElementById('job-said')!.textContent = after.dataset.state ?? '';
    }
  } catch {
    // the next look may find the server again
  }
  follow();
}

function follow(): void {
  if (document.getElementById(PART)?.dataset.live) {
    window.setTimeout(look, document.hidden ? 5 * PAUSE : PAUSE);
  }
}

follow();
