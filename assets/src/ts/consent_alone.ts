// What consent adds to the bundle, for measuring it.
import { enhanceConsent } from './consent';

enhanceConsent();
