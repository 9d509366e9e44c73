// Every page works without this; nothing is stored in the browser.
import { enhanceConsent } from './consent';
import { enhanceControls } from './controls';

enhanceConsent();
enhanceControls();
