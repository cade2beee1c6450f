/* What a guard knows of its tree: the ward, the proofs of membership, and the protected processes.
 * Both guards of a pair hold the same scope. */
#ifndef TREEFALL_TREE_SCOPE_H
#define TREEFALL_TREE_SCOPE_H

#include "core/claim.h"
#include "core/route.h"
#include "core/tree.h"
#include "os/os.h"
#include "tree/brands.h"
#include "tree/lineage.h"
#include "tree/protected.h"
#include "tree/relay.h"

struct pact;
struct kept_list;

/* The state of --keep. */
struct scope_keep {
    const char *const *patterns;
    size_t count;
    struct kept_list *kept; /* what the named processes started (tree/keep.h); NULL = no memory */
};

struct scope {
    struct pact *pact;    /* shared with the other guards; NULL = none */
    enum claim_seat seat; /* of this guard */
    struct os_process ward;
    char ward_name[PROCESS_NAME_BYTES]; /* if the ward ran before the guard; else empty */
    struct brands brands;
    struct os_container container;
    struct os_wire *wire; /* NULL = not armed */
    struct guarantee guarantee;
    bool ends;                 /* the guarantee is that of the moment when the tree began to end */
    int32_t session;           /* the session that the ward was started in: it holds innocents */
    bool attached;             /* the ward ran before: its session and group may hold innocents */
    bool ward_passed_on;       /* the ward's number was reused */
    bool ward_leads;           /* treefall made the ward's process group */
    bool guard_adopted;        /* a guard became our child: then "no children" is no proof */
    int32_t reaper;            /* our own pid if we are the tree's subreaper, else 0 */
    struct os_process adopter; /* another guard, as the tree's subreaper; no handle = none */
    int32_t group_session;     /* for `kill` of a dead leader: its group and session; 0 = none */
    struct protected protected;
    struct lineage lineage;
    struct identities asked; /* members of the rest that were asked, sorted by pid */
    struct relays relays;    /* relays that were asked */
    struct scope_keep keep;
};

void scope_init(struct scope *scope);
void scope_done(struct scope *scope);
/* Records what is known of a ward that ran before the guard. */
void scope_meet_ward(struct scope *scope, const struct process_row *row);
/* What is armed, and how much the wire has no room for. */
struct guarantee scope_guarantee(const struct scope *scope);
/* The tree begins to end: what the wire has no room for now is what the report says. While the tree
 * ends, looks find fewer and fewer members. */
void scope_keep_unwired(struct scope *scope);
void scope_armed(struct scope *scope, enum route route);
void scope_unarmed(struct scope *scope, enum route route, const char *why_not);
/* The proof that allows a member to be struck: its identity, and its brand if the brand is the
 * route. */
struct os_proof scope_proof(const struct scope *scope, const struct member *member);

#endif
