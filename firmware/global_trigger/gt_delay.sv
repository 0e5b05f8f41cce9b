`timescale 1 ns / 1 ps

// A word, CLOCKS rising edges later. Reset clears what is on the way; tie it to 0 where only the valid flag decides,
// and synthesis may use shift-register LUTs.
module gt_delay #(
    parameter int WIDTH  = 1,
    parameter int CLOCKS = 1
) (
    input  logic             clk,
    input  logic             reset,
    input  logic [WIDTH-1:0] in,
    output logic [WIDTH-1:0] out
);
  generate
    if (CLOCKS == 0) begin : g_wire
      assign out = in;
      logic unused;
      assign unused = clk ^ reset;
    end else begin : g_line
      logic [CLOCKS*WIDTH-1:0] line;  // youngest word in the lowest bits
      always_ff @(posedge clk) begin
        if (reset) line[WIDTH-1:0] <= '0;
        else line[WIDTH-1:0] <= in;
      end
      for (genvar s = 1; s < CLOCKS; s++) begin : g_stage
        always_ff @(posedge clk) begin
          if (reset) line[s*WIDTH+:WIDTH] <= '0;
          else line[s*WIDTH+:WIDTH] <= line[(s-1)*WIDTH+:WIDTH];
        end
      end
      assign out = line[(CLOCKS-1)*WIDTH+:WIDTH];
    end
  endgenerate
endmodule
