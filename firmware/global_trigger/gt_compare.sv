`timescale 1 ns / 1 ps

// One bit for each threshold: whether the score word that it is meant for reaches it. Combinational.
module gt_compare #(
    parameter int SCORE_BITS = 1,
    parameter bit SCORE_SIGNED = 1'b0,
    parameter int N_SCORES = 1,  // 1 for an anomaly score, one for each class of a tagger
    parameter int N_THRESHOLDS = 1,
    parameter logic [N_THRESHOLDS*SCORE_BITS-1:0] THRESHOLDS = '0,  // the first one in the lowest bits
    parameter logic [N_THRESHOLDS*8-1:0] SCORE_OF = '0  // for each threshold the number of its score, counted from 0
) (
    input  logic [N_SCORES*SCORE_BITS-1:0] scores,  // the first one in the lowest bits
    output logic [       N_THRESHOLDS-1:0] reached
);
  generate
    for (genvar i = 0; i < N_THRESHOLDS; i++) begin : g_bit
      localparam logic [SCORE_BITS-1:0] MINIMUM = THRESHOLDS[i*SCORE_BITS+:SCORE_BITS];
      localparam int LOW = SCORE_OF[i*8+:8] * SCORE_BITS;
      if (SCORE_SIGNED) begin : g_signed
        assign reached[i] = $signed(scores[LOW+:SCORE_BITS]) >= $signed(MINIMUM);
      end else begin : g_unsigned
        assign reached[i] = scores[LOW+:SCORE_BITS] >= MINIMUM;
      end
    end
  endgenerate
endmodule
