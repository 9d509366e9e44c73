// Every page works without this; nothing is stored in the browser.
import { enhanceConsent } from './consent';
import { enhanceControls } from './controls';
import { enhanceOffline } from './offline';

enhanceConsent();
enhanceControls();
enhanceOffline();
