//! Task texts as agents and people write them: in each, one word is edited in Huly.

/// A text whose spelling says more than Huly shows of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelled {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// One word of it, which stands in it once.
    pub(crate) word: &'static str,
}

const fn spelled(name: &'static str, text: &'static str, word: &'static str) -> Spelled {
    Spelled { name, text, word }
}

/// The word that each of them gets in place of its own.
pub(crate) const EDITED: &str = "reworded";

pub(crate) const SPELLED: &[Spelled] = &[
    spelled(
        "trace of a script",
        "The nightly job died:\n\nTraceback (most recent call last):\n  File \"jobs/nightly.py\", line 41, in <module>\n    main()\n  File \"jobs/nightly.py\", line 12, in main\n    rows = load()\nKeyError: 'tenant'\n\nRetry it afterwards.",
        "afterwards",
    ),
    spelled(
        "trace of a server",
        "org.acme.BootError: port taken\n\tat org.acme.Server.bind(Server.java:77)\n\tat org.acme.Main.main(Main.java:9)\n\t... 14 more\n\nFree the port first.",
        "Free",
    ),
    spelled(
        "word within a trace",
        "panic: nil map\n\ngoroutine 7 [running]:\nmain.fill(0x0)\n        /srv/app/fill.go:31 +0x2c\nexit status 2",
        "status",
    ),
    spelled(
        "settings without a fence",
        "Use this:\n\nqueue:\n  name: mails\n  retry:\n    times: 4\n    wait: 30s\n  hosts:\n    - a.local\n    - b.local\n\nand restart the worker.",
        "restart",
    ),
    spelled(
        "word within settings",
        "deploy:\n  stage: prod\n  script:\n      - make release\n      - make upload\n  only: [main]",
        "release",
    ),
    spelled(
        "aligned table",
        "Limits:\n\n| plan   |  seats | price |\n|:-------|-------:|:-----:|\n| small  |      3 |  9 €  |\n| large  |     50 | 99 €  |\n\nConfirm them.",
        "Confirm",
    ),
    spelled(
        "cell of an aligned table",
        "| key | meaning |\n|----:|:--------|\n|   1 | pending |\n|   2 | shipped |",
        "shipped",
    ),
    spelled(
        "table without outer bars",
        "name | size\n--- | ---\nlogo | 12 kB\nicon | 3 kB\n\nShrink both.",
        "Shrink",
    ),
    spelled(
        "bars within cells",
        "| call | does |\n|---|---|\n| `a \\| b` | pipes |\n| c \\| d | splits |",
        "splits",
    ),
    spelled("keys to press", "Hold <kbd>Shift</kbd> and press <kbd>F5</kbd> to reload.", "reload"),
    spelled(
        "one of the keys",
        "Hold <kbd>Shift</kbd> and press <kbd>Escape</kbd> twice.",
        "Escape",
    ),
    spelled(
        "powers and indices",
        "Ids stay below 2<sup>53</sup>, water is H<sub>2</sub>O, and nobody cares.",
        "nobody",
    ),
    spelled(
        "footnote",
        "The limit is soft.[^1]\n\n[^1]: See the terms of the provider.",
        "provider",
    ),
    spelled(
        "footnote beside",
        "It is slow[^a] and **large**.\n\n[^a]: Measured on Monday.",
        "large",
    ),
    spelled(
        "reference links",
        "Read the [guide][g] and the [notes] first.\n\n[g]: https://docs.example/guide \"Guide\"\n[notes]: <https://docs.example/notes>",
        "first",
    ),
    spelled(
        "text of a reference link",
        "Read the [handbook][h] today.\n\n[h]: https://docs.example/h",
        "handbook",
    ),
    spelled("mail in angles", "Ask <ops@acme.example> before the migration.", "migration"),
    spelled(
        "address in angles",
        "Runs at <https://ci.acme.example/job/7> since yesterday.",
        "yesterday",
    ),
    spelled(
        "bare address",
        "Runs at https://ci.acme.example/a_b_c?x=1&y=*2* since yesterday.",
        "yesterday",
    ),
    spelled(
        "link as a tag",
        "<a href=\"https://acme.example\">Acme</a> asked for an export.",
        "export",
    ),
    spelled(
        "image as a tag",
        "<img src=\"https://acme.example/a.png\" alt=\"plan\" width=\"320\" />\n\nMove the door.",
        "door",
    ),
    spelled(
        "image",
        "Broken: ![the login page](shots/login-1.png \"seen on iOS\") on every phone.",
        "phone",
    ),
    spelled(
        "folded log",
        "<details>\n<summary>Log of the run</summary>\n\n```\nline 1\n  line 2\n```\n\n</details>\n\nNothing else failed.",
        "else",
    ),
    spelled(
        "folded in bold",
        "<details><summary><b>Steps</b></summary>\n\n1. open\n2. close\n\n</details>\n\nReproduced twice.",
        "twice",
    ),
    spelled(
        "centred",
        "<div align=\"center\">\n  <b>Release 3</b>\n</div>\n\nShip on Friday.",
        "Friday",
    ),
    spelled(
        "paragraphs as tags",
        "<p>First part.</p>\n<p>Second part.</p>\n\nThird one here.",
        "Third",
    ),
    spelled("preformatted", "<pre>\n  col1   col2\n     1      2\n</pre>\n\nWiden col2.", "Widen"),
    spelled(
        "table as tags",
        "<table>\n<tr><th align=\"left\">os</th></tr>\n<tr><td>linux</td></tr>\n</table>\n\nAdd windows.",
        "windows",
    ),
    spelled(
        "comments of a tool",
        "## Tasks\n<!-- BEGIN:tasks -->\n- [ ] T1 write\n- [x] T2 read\n<!-- END:tasks -->\n\nKeep the order.",
        "order",
    ),
    spelled(
        "item between comments",
        "<!-- AC:BEGIN -->\n- [ ] #1 The form is saved\n- [ ] #2 The mail is sent\n<!-- AC:END -->",
        "sent",
    ),
    spelled(
        "comment on top",
        "<!-- template v2, do not remove -->\n\n**Scope:** only the header.",
        "header",
    ),
    spelled(
        "hard breaks by spaces",
        "Street 1  \n1234 Town  \nCountry\n\nDeliver there.",
        "Deliver",
    ),
    spelled("word beside a hard break", "Street 1  \n1234 Village  \nCountry", "Village"),
    spelled(
        "hard breaks by backslash",
        "Street 1\\\n1234 Town\\\nCountry\n\nDeliver there.",
        "Town",
    ),
    spelled("break as a tag", "one<br>two<br/>\nthree and nothing more", "nothing"),
    spelled(
        "brackets behind numbers",
        "1) install\n2) configure\n3) enjoy\n\nDone by noon.",
        "noon",
    ),
    spelled("item behind a bracket", "1) install\n2) configure\n3) enjoy", "configure"),
    spelled("equal numbers", "1. alpha\n1. beta\n1. gamma", "beta"),
    spelled("list from three", "3. third\n4. fourth\n\nThen stop.", "stop"),
    spelled("list from zero", "0. zero\n1. one\n2. two more", "more"),
    spelled("wild numbers", "1. one\n3. three\n2. dos\n\nSort them.", "Sort"),
    spelled("stars", "* one\n* two\n  * inner\n\nThen finish.", "finish"),
    spelled("pluses", "+ one\n+ two\n    + inner\n\nThen finish.", "inner"),
    spelled(
        "wide bullets",
        "-   one\n-   two\n\n    more of two\n-   three\n\nThen finish.",
        "three",
    ),
    spelled("loose list", "- one\n\n- two\n\n- third\n\nThen finish.", "third"),
    spelled("deep list", "- a\n    - b\n        - c\n            - deepest\n- d", "deepest"),
    spelled(
        "list under a number",
        "1. step\n   - detail\n   - finer\n2. next\n\n   with a note",
        "finer",
    ),
    spelled("list of two kinds", "- [ ] open\n- plain\n- [x] closed", "closed"),
    spelled("big ticks", "- [X] signed\n- [ ] stamped", "stamped"),
    spelled("lists in a row", "- a\n- b\n\n* c\n* fourth", "fourth"),
    spelled("list right below text", "We need:\n- bread\n- butter\nand some patience", "patience"),
    spelled("tabs in a list", "-\tone\n-\ttwo\n\t- inner\n\nThen finish.", "finish"),
    spelled("list two spaces in", "  - one\n  - two\n  - three\n\nThen finish.", "two"),
    spelled("lazy quote", "> He wrote that\nit would never\nwork here.\n\nIt does.", "never"),
    spelled("nested quotes", "> outer\n> > inner words\n>\n> outer again\n\nAgreed.", "words"),
    spelled("quote without spaces", ">one\n>two\n>\n>- item\n\nAgreed.", "item"),
    spelled("underlined heads", "Report\n======\n\nFindings\n--------\n\nNone so far.", "far"),
    spelled("word of an underlined head", "Weekly report\n=============\n\nNone so far.", "Weekly"),
    spelled("closed heads", "## Goal ##\n\n### How ###\nBy force.", "force"),
    spelled("head right above text", "# Title\ntext below\n## Next\nmore below", "Next"),
    spelled("fence of tildes", "~~~toml\n[a]\nb = 1\n~~~\n\nPaste it.", "Paste"),
    spelled("long fence", "`````md\n```\ninner\n```\n`````\n\nRender it.", "Render"),
    spelled("word in a fence", "~~~sh\nmake   install\ncp -r  out /srv\n~~~", "install"),
    spelled(
        "fence in an item",
        "1. run\n\n   ```sh\n   make\n   ```\n\n2. read the output",
        "output",
    ),
    spelled("indented code", "Run\n\n    make all\n      --jobs 4\n\nand go for lunch.", "lunch"),
    spelled("unclosed fence", "Output:\n```\nok 1\nok  2\nfinal", "final"),
    spelled("rules of all kinds", "a\n\n***\n\nb\n\n_ _ _\n\nc\n\n- - -\n\nlast part", "last"),
    spelled("front matter", "---\nowner: infra\nprio: 2\n---\n\nRotate the keys.", "Rotate"),
    spelled(
        "escapes",
        "Not \\*bold\\*, not \\_italic\\_, 5 \\# 6, a\\|b and C:\\\\temp stay.",
        "stay",
    ),
    spelled(
        "underscores",
        "Rename __init__ and some_long_name, *args and **kwargs carefully.",
        "carefully",
    ),
    spelled("types", "Use Map<String, List<Foo>> and Vec<u8>, never raw pointers.", "pointers"),
    spelled("unknown tag", "Fill in <your-name> and <ACME_TOKEN> before use.", "use"),
    spelled("comparisons", "If a < b && b > c then a <= d or 3<4.", "then"),
    spelled("entities", "Tom &amp; Jerry&nbsp;&copy; caf&eacute; say &lt;hi&gt; daily.", "daily"),
    spelled(
        "other emphasis",
        "__bold__ and _italic_ and ***both*** and ~~gone~~ remain.",
        "remain",
    ),
    spelled("half emphasis", "**Note:**text follows, 2*3*4 and a * b remain.", "remain"),
    spelled("emphasis in chinese", "请注意**「重要」**内容。 Translate please.", "Translate"),
    spelled("formula", "$E = mc^2$ and\n\n$$\nx_i + y_{ij}\n$$\n\nhold true.", "true"),
    spelled("emoji", "🚀 Ship it 👩‍💻👍🏽 — :tada: tonight 🇩🇪", "tonight"),
    spelled("right to left", "שלום עולם‏ (קובץ `a.txt`) urgently", "urgently"),
    spelled(
        "windows line ends",
        "Steps:\r\n\r\n* one\r\n* two\r\n\r\n| a | b |\r\n|--:|:--|\r\n| 1 | 2 |\r\n\r\nClose it.\r\n",
        "Close",
    ),
    spelled("word of a windows list", "1) one\r\n2) twofold\r\n\r\nClose it.", "twofold"),
    spelled("space at line ends", "First line \nsecond line\t\n\n  \nthird  line   \n", "third"),
    spelled("many blank lines", "one\n\n\n\ntwo\n\n\n\n\nthree", "two"),
    spelled("space in lines", "Name:      Ann\nAge:       41\nPosition:  lead engineer", "lead"),
    spelled(
        "indented prose",
        "Note\n   that this is\n      indented strangely\nby hand.",
        "strangely",
    ),
    spelled(
        "long line",
        "This single line goes on and on, with `code  spans`, *stress*, **weight**, [links](https://a.example/x_(y)), and even ![pictures](p.png) before it comes to an end that somebody wants to edit.",
        "somebody",
    ),
    spelled("code span", "Call `a  ||  b` or ``x`y`` at startup.", "startup"),
    spelled("word in a code span", "Call `run --fast  --quiet` at startup.", "fast"),
    spelled("diff", "```diff\n- old\n+ new\n```\n\n+ merged", "merged"),
    spelled(
        "command and its output",
        "$ git status\nOn branch main\n\n\tmodified:   src/a.rs\n\nCommit that.",
        "Commit",
    ),
    spelled(
        "json",
        "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": null\n  }\n}\n\nParse it.",
        "Parse",
    ),
    spelled(
        "sql",
        "SELECT *\n  FROM t_users u\n WHERE u.a_b <> 'x_y'\n   AND u.c > 3;\n\nExplain it.",
        "Explain",
    ),
    spelled("windows paths", "Copy C:\\Users\\me\\*.log to \\\\share\\logs first.", "first"),
    spelled("regular expression", "Match ^[a-z_]+\\.(js|ts)$ and \\d{3}\\-\\d* only.", "only"),
    spelled(
        "checklist of an agent",
        "## Plan\n\n1. [ ] Read `src/a.rs`\n2. [x] Write tests\n   - unit\n   - e2e\n3. [ ] Open a PR\n\n**Risk:** low",
        "Risk",
    ),
    spelled(
        "given when then",
        "Given a cart\n  And two items\nWhen I pay\nThen I see \"thanks\"",
        "thanks",
    ),
    spelled("signature", "Fix it.\n\n-- \nAnn, ops team", "ops"),
    spelled(
        "badge",
        "[![ci](https://a.example/ci.svg)](https://a.example/ci) Build is green.",
        "green",
    ),
    spelled(
        "definition below",
        "Uses [WEB-1] and [WEB-2][].\n\n[WEB-1]: https://a.example/1\n[WEB-2]: https://a.example/2\n\nSorted by age.",
        "age",
    ),
    spelled("strange heads", "#no head\n\n####### seven\n\n# \n\nreal text", "real"),
    spelled("two columns", "left      right\n----      -----\na         b\n\nSwap them.", "Swap"),
    spelled("nested fence in quote", "> ```\n> code\n>   more\n> ```\n> said Bob", "Bob"),
    spelled(
        "table in an item",
        "- numbers:\n\n  | a | b |\n  |--:|---|\n  | 1 | 2 |\n\n- words only",
        "only",
    ),
    spelled(
        "mark and span",
        "<mark>new</mark> and <span style=\"color: red\">red</span> and <u>under</u> and <small>tiny</small> text",
        "text",
    ),
    spelled("html list", "<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>\n\nPick one.", "Pick"),
    spelled("html heads", "<h2>Goal</h2>\n\n<p>Be <em>fast</em>.</p>\n\nMeasure it.", "Measure"),
    spelled(
        "tag over lines",
        "See <a\n  href=\"https://a.example\"\n>this page</a> for rules.",
        "rules",
    ),
];
