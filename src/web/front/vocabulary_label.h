/* What values of vocabularies are called in the languages of the portal. */
#ifndef WEB_FRONT_VOCABULARY_LABEL_H
#define WEB_FRONT_VOCABULARY_LABEL_H

#include "domain/catalog/vocabulary.h"
#include "platform/i18n/message.h"

/** The message of a term; MESSAGE_NONE: it has none, which is a fault (test_metadata_view.c). */
enum message vocabulary_message(const struct vocabulary_term *term);

/** What a value of a row is called where it is a term of the row's vocabulary; else the value. */
str vocabulary_label(language lang, const struct metadata_row *row, str value);

#endif
