`timescale 1 ns / 1 ps

// Plays a uGT vector file (layout of 2024, not compressed) through a trigger and writes a line for each decision:
// number of the crossing, score words side by side, threshold bits; hexadecimal but for the number. Any simulator with delays will do.
//
//   +define+GT_TRIGGER=axo_trigger +define+GT_SCORE_BITS=19 +define+GT_THRESHOLDS=3, bits of all scores together
//   +vectors=<file> +decisions=<file>
module gt_vectors_bench #(
    parameter int CLOCKS_PER_CROSSING = 6
);
  localparam int N_WORDS = 48;  // behind the muons: 12 e/gamma, 12 tau, 12 jets, 6 sums, 6 of link 11
  localparam realtime HALF_PERIOD = 25.0 / CLOCKS_PER_CROSSING / 2;
  localparam int DRAIN_CLOCKS = 256;  // longer than any latency

  logic clk, reset, valid_in, valid_out;
  logic [11:0] bx_in, bx_out;
  logic [2047:0] crossing_in;
  logic [`GT_SCORE_BITS-1:0] score_out;
  logic [`GT_THRESHOLDS-1:0] bits_out;

  `GT_TRIGGER trigger (
      .clk(clk),
      .reset(reset),
      .valid_in(valid_in),
      .bx_in(bx_in),
      .crossing_in(crossing_in),
      .valid_out(valid_out),
      .bx_out(bx_out),
      .score_out(score_out),
      .bits_out(bits_out)
  );

  initial begin
    clk = 1'b0;
    forever #HALF_PERIOD clk = ~clk;
  end

  string vectors_path, decisions_path;
  int vectors, decisions, n_read;

  // One line of the file; 0 at its end. What follows the words (externals, algorithms, final OR) is skipped.
  function automatic int read_crossing();
    int number, found;
    logic [63:0] muon;
    logic [31:0] word;
    // verilator lint_off UNUSEDSIGNAL
    string rest;
    // verilator lint_on UNUSEDSIGNAL
    found = $fscanf(vectors, "%d", number);
    if (found != 1) return 0;
    bx_in = 12'(number);
    for (int i = 0; i < 8; i++) begin
      found = $fscanf(vectors, "%h", muon);
      if (found != 1) $fatal(1, "crossing %0d: no muon %0d", number, i);
      crossing_in[64*i+:64] = muon;
    end
    for (int i = 0; i < N_WORDS; i++) begin
      found = $fscanf(vectors, "%h", word);
      if (found != 1) $fatal(1, "crossing %0d: no word %0d behind the muons", number, i);
      crossing_in[512+32*i+:32] = word;
    end
    found = $fgets(rest, vectors);
    if (found == 0) $fatal(1, "crossing %0d: nothing behind the words", number);
    return 1;
  endfunction

  // inputs change at falling edges, far from the rising one that takes them
  initial begin
    if (!$value$plusargs("vectors=%s", vectors_path)) $fatal(1, "+vectors=<file> is missing");
    if (!$value$plusargs("decisions=%s", decisions_path)) $fatal(1, "+decisions=<file> is missing");
    vectors = $fopen(vectors_path, "r");
    decisions = $fopen(decisions_path, "w");
    if (vectors == 0) $fatal(1, "%s cannot be read", vectors_path);
    if (decisions == 0) $fatal(1, "%s cannot be written", decisions_path);
    reset = 1'b1;
    valid_in = 1'b0;
    bx_in = '0;
    crossing_in = '0;
    repeat (2) @(negedge clk);
    reset = 1'b0;
    n_read = read_crossing();
    while (n_read != 0) begin
      valid_in = 1'b1;
      @(negedge clk);
      valid_in = 1'b0;
      repeat (CLOCKS_PER_CROSSING - 1) @(negedge clk);
      n_read = read_crossing();
    end
    repeat (DRAIN_CLOCKS) @(negedge clk);
    $fclose(decisions);
    $finish;
  end

  always @(negedge clk) begin
    if (!reset && valid_out) $fdisplay(decisions, "%0d %0h %0h", bx_out, score_out, bits_out);
  end
endmodule
