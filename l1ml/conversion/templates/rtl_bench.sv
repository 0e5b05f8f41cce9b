`timescale 1 ns / 1 ps

// Golden crossings of <<model>>, one in every clock cycle; each score word is compared <<latency>> rising edges later.
// Stops with an error unless all <<crossings>> agree. +golden=<file> names another file of words.
module <<top>>_bench;
    localparam int CROSSINGS = <<crossings>>;
    localparam int LATENCY = <<latency>>;

    reg clk = 1'b0;
    reg [<<input_high>>:0] words = '0;
    wire [<<output_high>>:0] score;
    reg [<<input_high>>:0] inputs [CROSSINGS];
    reg [<<output_high>>:0] scores [CROSSINGS];
    reg [<<output_high>>:0] rest;
    string path;
    int file, wrong;

    <<top>> dut (.clk(clk), .words(words), .score(score));

    always #<<half_period>> clk = ~clk;

    initial begin
        if (!$value$plusargs("golden=%s", path)) path = "sim/golden_words.txt";
        file = $fopen(path, "r");
        if (file == 0) $fatal(1, "FAIL: %s cannot be read", path);
        for (int crossing = 0; crossing < CROSSINGS; ++crossing)
            if ($fscanf(file, "%h %h", inputs[crossing], scores[crossing]) != 2)
                $fatal(1, "FAIL: %s ends before crossing %0d of %0d", path, crossing, CROSSINGS);
        if ($fscanf(file, "%h", rest) == 1) $fatal(1, "FAIL: %s holds more than %0d crossings", path, CROSSINGS);
        $fclose(file);
        wrong = 0;
        for (int cycle = 0; cycle < CROSSINGS + LATENCY; ++cycle) begin
            @(negedge clk);
            if (cycle >= LATENCY && score !== scores[cycle - LATENCY]) begin
                wrong = wrong + 1;
                if (wrong <= 10) $display("crossing %0d: score %h, golden %h", cycle - LATENCY, score, scores[cycle - LATENCY]);
            end
            if (cycle < CROSSINGS) words = inputs[cycle];
        end
        if (wrong != 0) $fatal(1, "FAIL: %0d of %0d score words differ", wrong, CROSSINGS);
        $display("PASS: %0d of %0d score words agree", CROSSINGS, CROSSINGS);
        $finish;
    end
endmodule
