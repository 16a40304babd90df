# Sizes of flows, for `sizes = { file = "flow_sizes.cdf" }`: many short ones, few long ones that
# carry most of the bytes. On each line a size in bytes and the share of flows that are at most that
# large. Made up for this project; the mean is 247 kB.
200        0
1000       0.3
10000      0.6
100000     0.85
1000000    0.97
10000000   1
