/*
 * Languages: which are offered, and which one a request gets (cookies-and-privacy.md 1.6, after
 * Django). The offered ones are the files i18n/CODE.json that the program was built with.
 */
#ifndef PLATFORM_I18N_LOCALE_H
#define PLATFORM_I18N_LOCALE_H

#include "base/str.h"

#define LANGUAGES_MOST 64

/* An offered language; 0 is the first in order of code. */
typedef int language;

#define LANGUAGE_NONE (-1)

int language_count(void);

/** Code as in Content-Language and lang=, e.g. "fr", "pt-br". Static. */
str language_code(language lang);

/** The language's name in itself, e.g. "Français". Static. */
str language_own_name(language lang);

/**
 * The offered language for a code: exact in any case, an old browser code (zh-cn …), the generic
 * one (fr-ca → fr) or else the first variant (pt → pt-br). LANGUAGE_NONE when there is none, or the
 * code is longer than 500 bytes or malformed.
 */
language language_find(str code);

/** As language_find without fallbacks, for choices that a visitor makes. */
language language_exact(str code);

/**
 * Cookie django_language (may be STR_NONE), then Accept-Language, then fallback. offers: by language, whether it may
 * be chosen; NULL: any may.
 */
language language_choose(str cookie, str header, language fallback, const bool *offers);

#endif
