# tools/skips.awk - out of a log of cmocka programs: what was skipped, a line each, "name: reason". A reason is the line [  REASON  ]
# that td_skip (tests/support) prints before cmocka's line with the name. Names come again at a program's end: they count once.
/^\[ +REASON +\] / {
    sub(/^\[ +REASON +\] /, "")
    reason = $0
}
/^\[ +SKIPPED +\] [a-z_0-9]+$/ {
    if (reason != "")
        print $NF ": " reason
    else if (!($NF in told))
        print $NF ": no reason was told"
    told[$NF] = 1
    reason = ""
}
