-- Golden crossings of <<model>>, one in every clock cycle; each score word is compared <<latency>> rising edges later.
-- Stops with a failure unless all <<crossings>> agree. The generic GOLDEN names another file of words.
library ieee;
use ieee.std_logic_1164.all;
use std.textio.all;

entity <<top>>_bench is
    generic (GOLDEN : string := "sim/golden_words.txt");
end entity;

architecture bench of <<top>>_bench is
    constant CROSSINGS : positive := <<crossings>>;
    constant LATENCY : positive := <<latency>>;
    -- whole hexadecimal digits, as they stand in the file
    constant INPUT_DIGITS : positive := <<input_digits>>;
    constant OUTPUT_DIGITS : positive := <<output_digits>>;
    type golden_scores is array (0 to CROSSINGS - 1) of std_logic_vector(4 * OUTPUT_DIGITS - 1 downto 0);
    type golden_inputs is array (0 to CROSSINGS - 1) of std_logic_vector(4 * INPUT_DIGITS - 1 downto 0);
    signal clk : std_logic := '0';
    signal words : std_logic_vector(<<input_high>> downto 0) := (others => '0');
    signal score : std_logic_vector(<<output_high>> downto 0);
    signal finished : boolean := false;
begin
    dut : entity work.<<top>> port map (clk => clk, words => words, score => score);

    clk <= not clk after <<half_period>> ns when not finished;

    process
        file golden_file : text;
        variable status : file_open_status;
        variable row : line;
        variable inputs : golden_inputs;
        variable scores : golden_scores;
        variable is_good : boolean;
        variable wrong : natural := 0;
    begin
        file_open(status, golden_file, GOLDEN, read_mode);
        assert status = open_ok report "FAIL: " & GOLDEN & " cannot be read" severity failure;
        for crossing in 0 to CROSSINGS - 1 loop
            assert not endfile(golden_file)
                report "FAIL: " & GOLDEN & " ends before crossing " & integer'image(crossing) severity failure;
            readline(golden_file, row);
            hread(row, inputs(crossing), is_good);
            assert is_good report "FAIL: no words in line " & integer'image(crossing + 1) & " of " & GOLDEN severity failure;
            hread(row, scores(crossing), is_good);
            assert is_good report "FAIL: no score in line " & integer'image(crossing + 1) & " of " & GOLDEN severity failure;
        end loop;
        assert endfile(golden_file) report "FAIL: " & GOLDEN & " holds more crossings" severity failure;
        file_close(golden_file);
        for cycle in 0 to CROSSINGS + LATENCY - 1 loop
            wait until falling_edge(clk);
            if cycle >= LATENCY then
                if score /= scores(cycle - LATENCY)(<<output_high>> downto 0) then
                    wrong := wrong + 1;
                    report "crossing " & integer'image(cycle - LATENCY) & ": score " & to_hstring(score) & ", golden "
                        & to_hstring(scores(cycle - LATENCY)) severity note;
                end if;
            end if;
            if cycle < CROSSINGS then
                words <= inputs(cycle)(<<input_high>> downto 0);
            end if;
        end loop;
        assert wrong = 0
            report "FAIL: " & integer'image(wrong) & " of " & integer'image(CROSSINGS) & " score words differ" severity failure;
        report "PASS: " & integer'image(CROSSINGS) & " of " & integer'image(CROSSINGS) & " score words agree" severity note;
        finished <= true;
        wait;
    end process;
end architecture;
