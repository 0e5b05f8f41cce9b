`timescale 1 ns / 1 ps

// One bit for each threshold: whether the score word reaches it. Combinational.
module gt_compare #(
    parameter int SCORE_BITS = 1,
    parameter bit SCORE_SIGNED = 1'b0,
    parameter int N_THRESHOLDS = 1,
    parameter logic [N_THRESHOLDS*SCORE_BITS-1:0] THRESHOLDS = '0  // the first one in the lowest bits
) (
    input  logic [  SCORE_BITS-1:0] score,
    output logic [N_THRESHOLDS-1:0] reached
);
  generate
    for (genvar i = 0; i < N_THRESHOLDS; i++) begin : g_bit
      localparam logic [SCORE_BITS-1:0] MINIMUM = THRESHOLDS[i*SCORE_BITS+:SCORE_BITS];
      if (SCORE_SIGNED) begin : g_signed
        assign reached[i] = $signed(score) >= $signed(MINIMUM);
      end else begin : g_unsigned
        assign reached[i] = score >= MINIMUM;
      end
    end
  endgenerate
endmodule
