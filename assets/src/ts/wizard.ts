// A new dataset: files that go on where they stopped, previews that follow a form, jobs that are looked at.
// Nothing is kept in the browser: what can be gone on with is asked of the server.
import { followJob } from './wizard/job';
import { followPreview } from './wizard/preview';
import { enhanceBeginning, enhanceUploads } from './wizard/uploads';

enhanceUploads();
enhanceBeginning();
followPreview();
followJob();
