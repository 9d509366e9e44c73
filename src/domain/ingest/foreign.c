#include "domain/ingest/foreign.h"

#include "platform/i18n/explanation.h"

static const struct {
    const char *mark;
    enum message message;
} pages[] = {{"<!doctype html", MSG_FAULT_FILE_PAGE}, {"<html", MSG_FAULT_FILE_PAGE}, {"<head", MSG_FAULT_FILE_PAGE}},
  others[] = {{"%PDF-", MSG_FAULT_FILE_PDF},          {"\x89PNG", MSG_FAULT_FILE_PICTURE},
              {"\xff\xd8\xff", MSG_FAULT_FILE_PICTURE}, {"GIF8", MSG_FAULT_FILE_PICTURE}};

static enum message recognise(str start)
{
    str text = str_trim(str_starts(start, S("\xef\xbb\xbf")) ? str_slice(start, 3, start.n) : start);
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++) {
        str mark = str_from(pages[i].mark);
        if (str_eq_nocase(str_slice(text, 0, mark.n), mark)) {
            return pages[i].message;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        if (str_starts(start, str_from(others[i].mark))) {
            return others[i].message;
        }
    }
    return MESSAGE_NONE;
}

enum err foreign_refuse(struct scope *scope, str start, const char *name)
{
    enum message message = recognise(start);
    if (message != MESSAGE_NONE) {
        return fail_in_words(scope, ERR_DATA, message, SAYS(ARG_TEXT("file", str_from(name))));
    }
    return fail_and_tell(scope, ERR_DATA, MSG_FAULT_FILE_FORMAT, SAYS(ARG_TEXT("file", str_from(name))),
                         "%s: this is none of the formats that are imported (see docs/import.md); convert it first", name);
}
