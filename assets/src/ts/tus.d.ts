// The parts of tus-js-client that are used one by one, because its whole looks into the browser's storage when it is loaded.
declare module 'tus-js-client/lib.esm/upload.js' {
  import type { UploadOptions } from 'tus-js-client';

  export default class BaseUpload {
    static defaultOptions: UploadOptions;
    constructor(file: File, options: UploadOptions);
    url: string | null;
    start(): void;
    abort(terminate?: boolean): Promise<void>;
  }
}

declare module 'tus-js-client/lib.esm/noopUrlStorage.js' {
  import type { UrlStorage } from 'tus-js-client';

  export default class NoopUrlStorage {
    constructor();
  }
  export interface NoopUrlStorage extends UrlStorage {}
}

declare module 'tus-js-client/lib.esm/browser/httpStack.js' {
  export default class XHRHttpStack {}
}

declare module 'tus-js-client/lib.esm/browser/fileReader.js' {
  export default class FileReader {}
}
