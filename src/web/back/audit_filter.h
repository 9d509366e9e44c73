/* What the pages of the audit log are asked for. */
#ifndef WEB_BACK_AUDIT_FILTER_H
#define WEB_BACK_AUDIT_FILTER_H

#include "web/back/security.h"

struct audit_request {
    struct audit_filter filter;
    str from, until;   /* as typed */
    bool is_limited;   /* to one dataset, for who may change its rules: no networks are shown */
    bool from_fault, until_fault;
};

/**
 * Reads the address. Administrators see all; who may change the rules of the dataset that is the subject sees what
 * was done to it. Errors: ERR_DENIED.
 */
enum err audit_read(struct call *call, struct audit_request *ret_request) must_check;

/** The request as a query, without its place in the list: "" or "action=…&…". */
str audit_query(struct call *call, const struct audit_request *request);

#endif
