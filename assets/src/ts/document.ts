// Asking for a page of the portal and taking parts of it. XMLHttpRequest makes documents without a Trusted
// Types policy and runs no scripts of theirs.

import { noticeOffline } from './offline';

const GOOD = [200, 400, 422]; // 400 and 422: a page that shows a fault

function ask(method: string, address: string, body: FormData | null, signal?: AbortSignal): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = 'document';
    request.onloadend = () => {
      const page: Document | null = request.response;
      if (page && GOOD.includes(request.status)) {
        resolve(page);
        return;
      }
      noticeOffline();
      reject(new Error(String(request.status)));
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

/** The document at an address; rejects when it is no page, or one that says that something failed. */
export function fetchDocument(address: string, signal?: AbortSignal): Promise<Document> {
  return ask('GET', address, null, signal);
}

/** The document that answers a form. */
export function postDocument(address: string, fields: FormData, signal?: AbortSignal): Promise<Document> {
  return ask('POST', address, fields, signal);
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
