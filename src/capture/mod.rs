//! Captures: pcapng and classic pcap, written as a stream and read back.
