//! The cases: each is a claim about the house's native TCP beside Linux's.

mod closing;
mod cookies;
mod fast_open;
mod link;
mod options;
mod programs;
mod tools;
mod transfer;
mod window;

use crate::namespace::Case;

macro_rules! cases {
    ($($room:ident: $($name:ident)*;)*) => {
        &[$($((stringify!($name), $room::$name as fn())),*),*]
    };
}

/// All of them, the long ones first.
pub(crate) const ALL: &[Case] = cases! {
    link:
        data_to_linux_outlasts_5_percent_loss
        data_from_linux_outlasts_5_percent_loss
        data_to_linux_outlasts_reordering
        data_from_linux_outlasts_reordering
        an_echo_outlasts_loss_reordering_and_duplicates_both_ways
        a_lost_syn_and_a_lost_syn_ack_are_made_good
        the_house_outlasts_a_cut_cable
        linux_outlasts_a_cut_cable
        reno_fills_a_slow_link
        bbr_fills_a_slow_link
        bbr1_fills_a_slow_link
        vegas_fills_a_slow_link
        the_house_heeds_marks_that_linux_echoes
        linux_heeds_marks_that_the_house_echoes;
    window:
        the_house_waits_while_the_reader_on_linux_sleeps
        linux_waits_while_the_reader_of_the_house_sleeps
        a_reader_that_takes_little_at_a_time_gets_all;
    transfer:
        bulk_data_to_linux_arrives_whole
        bulk_data_from_linux_arrives_whole
        bulk_data_both_ways_at_once_arrives_whole
        many_connections_at_once_keep_their_data_apart
        questions_and_answers_do_not_stall;
    fast_open:
        linux_takes_data_from_syns_of_the_house
        the_house_takes_data_from_syns_of_linux
        a_linux_that_connects_first_and_writes_then_is_taken_up_too
        the_rest_of_a_long_question_of_the_house_follows_its_syn
        the_rest_of_a_long_question_of_linux_follows_its_syn
        a_cookie_that_linux_does_not_know_is_replaced
        a_cookie_that_the_house_does_not_know_is_replaced
        data_of_a_lost_syn_of_the_house_comes_later
        data_of_a_lost_syn_of_linux_comes_later
        a_linux_that_gives_no_cookies_is_spoken_to
        a_house_that_gives_no_cookies_is_spoken_to;
    cookies:
        a_full_backlog_keeps_no_data_of_linux_out
        a_full_backlog_keeps_no_curl_of_linux_out
        without_time_stamps_a_cookie_agrees_on_the_mss_alone
        fast_open_falls_back_to_a_syn_cookie;
    programs:
        curl_gets_pages_from_the_web_server_of_the_house
        the_web_client_of_the_house_gets_a_page_from_linux
        ping_of_linux_is_answered;
    tools:
        iperf3_of_linux_sends_to_the_house
        iperf3_of_linux_gets_from_the_house
        nc_sends_a_file_and_prints_the_answer
        nc_listens_and_gets_a_file;
    closing:
        the_house_may_still_receive_after_its_fin
        linux_may_still_receive_after_its_fin
        both_sides_may_close_at_once
        both_sides_may_open_at_once
        an_abort_of_the_house_resets_linux
        a_reset_of_linux_reaches_the_house
        data_for_a_dropped_stream_is_answered_with_a_reset
        linux_refuses_a_port_without_a_listener
        the_house_refuses_a_port_without_a_listener
        a_port_may_be_used_again_from_time_wait;
    options:
        all_options_are_agreed_on
        a_linux_without_timestamps_is_spoken_to
        a_linux_without_sack_is_spoken_to
        a_linux_without_window_scaling_is_spoken_to
        a_linux_without_options_is_spoken_to
        a_linux_that_makes_syn_cookies_is_spoken_to
        a_linux_that_offers_ecn_is_spoken_to
        segments_keep_to_the_mss_of_linux
        a_keep_alive_probe_of_linux_is_answered
        urgent_data_of_linux_does_not_disturb_the_stream;
};
