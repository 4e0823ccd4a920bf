/* What a child says about a signed challenge, read as a stranger's word. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/proof.h"

#define SPKI "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SIGNER                                                                   \
	"{\"der\":\"MAA=\",\"subject\":\"CN=A\",\"issuer\":\"CN=B\",\"serial\":" \
	"\"1\","                                                                 \
	"\"spki_sha256\":\"" SPKI                                                \
	"\",\"common_name\":\"A\",\"organisation\":\"A Ltd\","                   \
	"\"not_before\":1,\"not_after\":2,\"self_signed\":false}"
#define KEY "{\"kind\":\"key\",\"value\":\"" SPKI "\",\"display\":\"k\"}"
#define EV  "{\"kind\":\"registration\",\"value\":\"US/DE/1\",\"display\":\"d\"}"

static bool
read_text(struct proof *p, const char *text)
{
	return proof_read(p, bytes_of(text, strlen(text)));
}

static const char *
answer(const char *accepted, const char *signer, const char *identities)
{
	static char text[8192];

	snprintf(text, sizeof(text),
	    "{\"accepted\":%s,\"reason\":null,\"result\":{\"a\":1},"
	    "\"signer\":%s,\"identities\":[%s],\"wanted\":[\"http://a.test/\",7]}",
	    accepted, signer, identities);
	return text;
}

Test(proof, reads_an_accepted_one)
{
	struct proof p;

	cr_assert(read_text(&p, answer("true", SIGNER, EV "," KEY)));
	cr_expect(p.accepted);
	cr_expect_eq(p.signer.num_identities, 2);
	cr_expect_str_eq(proof_assurance(&p.signer), "registration");
	cr_expect_str_eq(proof_identity_assurance(&p.signer, &p.signer.identity[1]),
	    "organisation");
	cr_expect_str_eq(proof_name(&p.signer), "A Ltd");
	cr_expect_eq(strlen(p.signer.sha256), 64);
	cr_expect_eq(p.num_wanted, 1);
	cr_expect_str_eq(p.result, "{\"a\":1}");
	proof_free(&p);
}

/* A verdict starts refused (invariant 5). */
Test(proof, accepted_needs_somebody)
{
	static char long_value[2000];
	struct proof p;

	cr_expect_not(read_text(&p, answer("true", "null", KEY)));
	proof_free(&p);
	cr_expect_not(read_text(&p, answer("true", SIGNER, "")));
	proof_free(&p);
	cr_expect_not(read_text(
	    &p, answer("true", SIGNER, "{\"kind\":\"root\",\"value\":\"x\"}")));
	proof_free(&p);
	cr_expect_not(read_text(&p, answer("false", SIGNER, KEY)), "no reason");
	proof_free(&p);
	/* a value that is cut would be another's */
	snprintf(long_value, sizeof(long_value),
	    "{\"kind\":\"key\",\"value\":\"%01000d\"}", 1);
	cr_expect_not(read_text(&p, answer("true", SIGNER, long_value)));
	cr_expect_not(p.accepted);
	proof_free(&p);
}

Test(proof, what_is_no_answer)
{
	static const char *const bad[] = {"", "1", "{}", "{\"accepted\":true}",
	    "{\"reason\":\"expired\"}", "{\"reason\":\"expired\",\"result\":[]}"};
	struct proof p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_not(read_text(&p, bad[i]), "%s", bad[i]);
		proof_free(&p);
	}
	cr_assert(read_text(
	    &p, "{\"reason\":\"expired\",\"result\":{},\"signer\":null}"));
	cr_expect_not(p.accepted);
	cr_expect_str_eq(p.reason, "expired");
	proof_free(&p);
}

Test(proof, a_self_signed_name_is_asserted_only)
{
	struct proof_signer s = {.present = true,
	    .self_signed = true,
	    .num_identities = 1,
	    .organisation = "A Ltd",
	    .common_name = "A",
	    .identity = {{"key", "self-signed:1", ""}}};

	cr_expect_str_eq(proof_assurance(&s), "key");
	cr_expect_str_eq(proof_name(&s), "A");
}
