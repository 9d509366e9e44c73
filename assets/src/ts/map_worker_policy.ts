// In place of the browser's Worker in the bundle of the map (esbuild's inject): the library starts its worker from an
// address that is a text, which pages allow to a policy only, and this one lets through nothing but that worker.

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): {
    createScriptURL(address: string): string;
  };
}

const own = /^\/static\/map_worker-[0-9a-f]+\.js$/;

function check(address: string): string {
  const url = new URL(address, location.href);
  if (url.origin !== location.origin || !own.test(url.pathname)) {
    throw new TypeError('not the worker of the map');
  }
  return url.href;
}

const policies = (globalThis as unknown as { trustedTypes?: Policies }).trustedTypes;
const policy = policies?.createPolicy('parvis-map', { createScriptURL: check });
const BrowserWorker = globalThis.Worker;

class MapWorker extends BrowserWorker {
  constructor(address: string | URL, options?: WorkerOptions) {
    super(policy ? policy.createScriptURL(String(address)) : check(String(address)), options);
  }
}

export { MapWorker as Worker };
