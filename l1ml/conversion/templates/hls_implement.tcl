# The Verilog that HLS made, out of context in Vivado: synthesis, placement, routing. After make synth.
# reports/<<top>>_post_{synth,route}_{util,timing}.rpt
set top <<top>>
set part <<part>>

file mkdir reports
read_verilog [glob ${top}_prj/solution1/syn/verilog/*.v]
set constraints [open reports/clock.xdc w]
puts $constraints "create_clock -name ap_clk -period <<clock_ns>> \[get_ports ap_clk\]"
close $constraints
read_xdc -mode out_of_context reports/clock.xdc

synth_design -top $top -part $part -mode out_of_context
report_utilization -file reports/${top}_post_synth_util.rpt
report_timing_summary -file reports/${top}_post_synth_timing.rpt

opt_design
place_design
phys_opt_design
route_design
report_utilization -file reports/${top}_post_route_util.rpt
report_timing_summary -file reports/${top}_post_route_timing.rpt
