/*
 * What is wrong with a form: a summary on top of the page and a message beside each field. A page's
 * struct has a member "errors" (TPL_LIST of fault_struct) for tpl/part/error_summary.html, and one text
 * per field for the message beside it.
 */
#ifndef WEB_SHELL_FAULTS_H
#define WEB_SHELL_FAULTS_H

#include "web/shell/call.h"

struct fault {
    bool first, last;
    str anchor;  /* "#field" */
    str message;
};

#define FAULTS_MOST 20

struct faults {
    struct fault items[FAULTS_MOST];
    size_t count;
};

extern const struct tpl_struct fault_struct;

/** Adds a fault of a field, whose id is anchor without '#', and returns the message for beside it. */
str faults_add(struct call *call, struct faults *faults, str field, enum message message);

/** As faults_add with a text made elsewhere. */
str faults_add_text(struct call *call, struct faults *faults, str field, str text);

/** For the page's struct. The faults must live as long. */
struct tpl_list faults_list(struct faults *faults);

#endif
