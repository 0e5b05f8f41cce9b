`timescale 1 ns / 1 ps

// What stands around a network in a Global Trigger: registers, thresholds, and the crossing's number beside its score.
//
//   words_in --[register]--> kernel_words --(kernel, KERNEL_CLOCKS)--> kernel_score --[compare, register]--[align]--> outputs
//   bx_in, valid_in --------------------------------(LATENCY_CLOCKS)---------------------------------------------> outputs
//
// The kernel is free-running: it has no reset, no enable and a new crossing may enter it in every clock. There is no back
// pressure. valid_in marks the clocks that carry a crossing; whatever is on words_in and bx_in in other clocks is ignored.
// Reset is synchronous: crossings on the way and the one on the port are dropped, and no threshold bit can be set by what is
// left in the kernel. After power-up reset must be high for one clock before the outputs mean anything.
module gt_shell #(
    parameter int WORDS_BITS = 1,
    parameter int BX_BITS = 12,
    parameter int SCORE_BITS = 1,
    parameter bit SCORE_SIGNED = 1'b0,
    parameter int N_SCORES = 1,
    parameter int N_THRESHOLDS = 1,
    parameter logic [N_THRESHOLDS*SCORE_BITS-1:0] THRESHOLDS = '0,  // score words, the first one in the lowest bits
    parameter logic [N_THRESHOLDS*8-1:0] SCORE_OF = '0,  // for each threshold the number of its score
    parameter int KERNEL_CLOCKS = 1,  // rising edges from kernel_words to kernel_score
    parameter int CLOCKS_PER_CROSSING = 6  // the latency is rounded up to whole crossings; 1 for the shortest one
) (
    input logic clk,
    input logic reset,

    input logic                  valid_in,
    input logic [   BX_BITS-1:0] bx_in,
    input logic [WORDS_BITS-1:0] words_in,

    output logic [         WORDS_BITS-1:0] kernel_words,
    input  logic [N_SCORES*SCORE_BITS-1:0] kernel_score,  // the first one in the lowest bits

    output logic                           valid_out,
    output logic [            BX_BITS-1:0] bx_out,
    output logic [N_SCORES*SCORE_BITS-1:0] score_out,
    output logic [       N_THRESHOLDS-1:0] bits_out  // all 0 where valid_out is 0
);
  localparam int SCORE_CLOCKS = 1 + KERNEL_CLOCKS;
  localparam int COMPARED_CLOCKS = SCORE_CLOCKS + 1;
  localparam int CROSSINGS = (COMPARED_CLOCKS + CLOCKS_PER_CROSSING - 1) / CLOCKS_PER_CROSSING;
  localparam int LATENCY_CLOCKS = CROSSINGS * CLOCKS_PER_CROSSING;

  always_ff @(posedge clk) kernel_words <= words_in;

  // the flag that goes with kernel_score
  logic valid_score;
  gt_delay #(
      .WIDTH (1),
      .CLOCKS(SCORE_CLOCKS)
  ) delay_valid (
      .clk  (clk),
      .reset(reset),
      .in   (valid_in),
      .out  (valid_score)
  );

  logic [N_THRESHOLDS-1:0] reached;
  gt_compare #(
      .SCORE_BITS  (SCORE_BITS),
      .SCORE_SIGNED(SCORE_SIGNED),
      .N_SCORES    (N_SCORES),
      .N_THRESHOLDS(N_THRESHOLDS),
      .THRESHOLDS  (THRESHOLDS),
      .SCORE_OF    (SCORE_OF)
  ) compare (
      .scores (kernel_score),
      .reached(reached)
  );

  // register behind the comparators, and as many more as the next whole crossing needs
  gt_delay #(
      .WIDTH (1 + N_THRESHOLDS),
      .CLOCKS(LATENCY_CLOCKS - SCORE_CLOCKS)
  ) delay_bits (
      .clk  (clk),
      .reset(reset),
      .in   ({valid_score, reached & {N_THRESHOLDS{valid_score}}}),
      .out  ({valid_out, bits_out})
  );
  gt_delay #(
      .WIDTH (N_SCORES * SCORE_BITS),
      .CLOCKS(LATENCY_CLOCKS - SCORE_CLOCKS)
  ) delay_score (
      .clk  (clk),
      .reset(1'b0),
      .in   (kernel_score),
      .out  (score_out)
  );
  gt_delay #(
      .WIDTH (BX_BITS),
      .CLOCKS(LATENCY_CLOCKS)
  ) delay_bx (
      .clk  (clk),
      .reset(1'b0),
      .in   (bx_in),
      .out  (bx_out)
  );
endmodule
