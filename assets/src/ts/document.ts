// Asking for a page of the portal and taking parts of it. XMLHttpRequest makes documents without a Trusted
// Types policy and runs no scripts of theirs.

import { noticeOffline } from './offline';

/** The document at an address; rejects when it is not one of status 200 or 400 (a page that shows a fault). */
export function fetchDocument(address: string, signal?: AbortSignal): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', address);
    request.responseType = 'document';
    request.onloadend = () => {
      const page: Document | null = request.response;
      if (page && (request.status === 200 || request.status === 400)) {
        resolve(page);
        return;
      }
      noticeOffline();
      reject(new Error(String(request.status)));
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send();
  });
}

/** Puts the elements of these ids of another document in place of ours. */
export function takeParts(page: Document, ids: string[]): void {
  for (const id of ids) {
    const own = document.getElementById(id);
    const other = page.getElementById(id);
    if (own && other) {
      own.replaceWith(document.adoptNode(other));
    }
  }
}
