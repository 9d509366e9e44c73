/* What a licence allows, in one plain sentence. No advice: the licence itself is linked beside it. */
#ifndef WEB_FRONT_LICENCE_H
#define WEB_FRONT_LICENCE_H

#include "base/str.h"
#include "platform/i18n/message.h"

/** The sentence for a licence by its name and address, as far as they are those of a known one. */
enum message licence_statement(struct arena *arena, str name, str address);

#endif
