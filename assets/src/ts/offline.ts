// Says that the connection is gone, as long as it is: pages and islands then cannot be asked for.

/** The text stands in data-offline of the body. */
export function enhanceOffline(): void {
  const text = document.body.dataset.offline;
  if (!text) {
    return;
  }
  const notice = document.createElement('p');
  notice.className = 'offline';
  notice.setAttribute('role', 'status');
  document.body.append(notice);
  const show = (): void => {
    notice.textContent = navigator.onLine ? '' : text;
  };
  window.addEventListener('online', show);
  window.addEventListener('offline', show);
  show();
}

/** To be called when something could not be fetched: browsers may learn only then that they are offline. */
export function noticeOffline(): void {
  if (!navigator.onLine) {
    window.dispatchEvent(new Event('offline'));
  }
}
