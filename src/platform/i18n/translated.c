#include "platform/i18n/translated.h"

str translated_text(const struct translated *translated, language lang)
{
    if (lang >= 0 && lang < LANGUAGES_MOST && translated->texts[lang].n) {
        return translated->texts[lang];
    }
    for (language i = 0; i < LANGUAGES_MOST; i++) {
        if (translated->texts[i].n) {
            return translated->texts[i];
        }
    }
    return S("");
}
