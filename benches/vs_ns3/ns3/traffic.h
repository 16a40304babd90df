// Constant-rate UDP and bulk TCP, each with the cheapest sink that ns-3 offers.
#pragma once
#include "ns3/applications-module.h"
#include "network.h"

// Counts datagrams: a socket and a callback that drains it.
struct UdpCount
{
    uint64_t packets = 0;

    void Install(Ptr<Node> node, uint16_t port)
    {
        Ptr<Socket> socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
        socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
        socket->SetRecvCallback(MakeCallback(&UdpCount::Receive, this));
        sockets.push_back(socket);
    }

  private:
    std::vector<Ptr<Socket>> sockets;

    void Receive(Ptr<Socket> socket)
    {
        while (socket->Recv())
            packets++;
    }
};

// 1000 bytes to port 9 each `interval` from `start` on, `most` times or until `stop`.
inline void Stream(Ptr<Node> from, uint32_t to, Time interval, Time start, Time stop, uint32_t most = UINT32_MAX)
{
    UdpClientHelper client(InetSocketAddress(Ipv4Address(to), 9));
    client.SetAttribute("PacketSize", UintegerValue(1000));
    client.SetAttribute("Interval", TimeValue(interval));
    client.SetAttribute("MaxPackets", UintegerValue(most));
    auto app = client.Install(from);
    app.Start(start);
    app.Stop(stop);
}

// How TCP behaves: what ns-3 does by default, but with the segment size and the buffers of Linux.
struct Tcp
{
    std::string congestion = "newreno"; // or cubic
    bool sack = true;
    std::string recovery = "prr"; // or classic: RFC 6582
    std::string minRto = "1s";
    std::string delayedAck = "200ms";
    uint32_t ackEvery = 2;

    void Add(CommandLine& line)
    {
        line.AddValue("congestion", "newreno | cubic", congestion);
        line.AddValue("sack", "selective acknowledgements", sack);
        line.AddValue("recovery", "prr | classic", recovery);
        line.AddValue("min-rto", "the shortest retransmission time-out", minRto);
        line.AddValue("delayed-ack", "how long an ACK may wait for company", delayedAck);
        line.AddValue("ack-every", "segments that one ACK acknowledges", ackEvery);
    }

    void Apply() const
    {
        TypeId control = congestion == "cubic" ? TcpCubic::GetTypeId() : TcpNewReno::GetTypeId();
        TypeId mend = recovery == "classic" ? TcpClassicRecovery::GetTypeId() : TcpPrrRecovery::GetTypeId();
        Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(control));
        Config::SetDefault("ns3::TcpL4Protocol::RecoveryType", TypeIdValue(mend));
        Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(sack));
        Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(Time(minRto)));
        Config::SetDefault("ns3::TcpSocket::DelAckTimeout", TimeValue(Time(delayedAck)));
        Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(ackEvery));
        Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(SEGMENT));
        Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(2 << 20));
        Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(2 << 20));
    }

    // As much as goes from `start` to `stop`.
    void Bulk(Ptr<Node> from, uint32_t to, Time start, Time stop) const
    {
        BulkSendHelper sender("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address(to), 5000));
        sender.SetAttribute("MaxBytes", UintegerValue(0));
        sender.SetAttribute("SendSize", UintegerValue(SEGMENT));
        auto app = sender.Install(from);
        app.Start(start);
        app.Stop(stop);
    }

    Ptr<PacketSink> Sink(Ptr<Node> node) const
    {
        PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 5000));
        auto app = sink.Install(node);
        app.Start(Seconds(0));
        return DynamicCast<PacketSink>(app.Get(0));
    }

    static constexpr uint32_t SEGMENT = 1448;
};
