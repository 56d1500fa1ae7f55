# Judges a report against its row of truth ($row, $secrets: were they known?): one line for each complaint.
# must: "a|b" is one of them. Without secrets nothing may be claimed that needs one, and a refusal is all that can be said.

def words: split(" ") | map(select(. != ""));
def needs_secret: ["wrong-password", "digest-mismatch", "digest-deviation", "digest-correct-rejected", "digest-verified",
	"stale-with-wrong-digest"];
def refusals: ["rejected-credentials", "auth-rejected-403"];
def failed: .outcome | IN("rejected", "unanswered", "no-reply");
def common($a; $b): any($a[]; IN($b[]));
def list: join(", ") | if . == "" then "none" else . end;

.exchanges as $exchanges
| ([$exchanges[].findings[]?] + .findings) as $findings
| ($findings | map(.id) | unique) as $ids
| ($exchanges | map(.outcome) | unique) as $outcomes
| ($row.must_not | words) as $false
| [
	if $row.outcome == "none" then
		($exchanges | select(length > 0) | "\(length) exchanges where there is none")
	elif $row.outcome != "" and ($outcomes | index($row.outcome) | not) then
		"outcome \($row.outcome) is missing; there is: \($outcomes | list)"
	else empty end,

	if $row.exchanges != "" and ($exchanges | length) != ($row.exchanges | tonumber) then
		"\($exchanges | length) exchanges instead of \($row.exchanges)"
	else empty end,

	if $row.cause == "" then empty else
		(($row.cause | split("|")) + if ($secrets | not) and $row.outcome == "rejected" then refusals else [] end) as $want
		| [$exchanges[] | select(failed) | .cause // empty] as $causes
		| if common($causes; $want) then empty
		  else "cause \($row.cause) is missing; there is: \($causes | unique | list)" end
	end,

	($row.must | words[] | . as $must | split("|")
		| if ($secrets | not) and common(.; needs_secret) then . + refusals else . end
		| if common(.; $ids) then empty else "\($must) is missing" end),

	(($false + if $secrets then [] else needs_secret end) | unique[] | select(IN($ids[])) | "\(.) is false"),

	if $row.clean == "" then empty else
		($findings[] | select(.severity == "error") | .id
			| select(IN($row.error_allowed | words[]) or IN($false[]) | not) | "error \(.) is false"),
		($exchanges[] | select(failed) | "outcome \(.outcome) of \(.method) is false"),
		($exchanges[] | .cause // empty | "cause \(.) is false")
	end
] | unique[]
