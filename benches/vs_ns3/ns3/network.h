// Point-to-point links with /30 subnets, static routes, and the count of what crossed the wires.
//
// Lean on purpose, which is ns-3's best case: IPv4 only, static routing only, no queue disc (the
// device's drop-tail queue alone), no checksums (ns-3's default), payload that exists as a length.
#pragma once
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "options.h"
#include <vector>

// The address a.b.c.d as a number.
inline uint32_t Ip(int a, int b, int c, int d)
{
    return (a << 24) | (b << 16) | (c << 8) | d;
}

inline PointToPointHelper Wire(const std::string& rate, Time delay, const std::string& queue)
{
    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", StringValue(rate));
    wire.SetChannelAttribute("Delay", TimeValue(delay));
    wire.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue(queue));
    wire.DisableFlowControl();
    return wire;
}

inline void Stack(NodeContainer nodes)
{
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    stack.Install(nodes);
}

inline Ptr<Ipv4StaticRouting> Routes(Ptr<Node> node)
{
    return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
}

inline void DefaultVia(Ptr<Node> node, uint32_t gateway, uint32_t interface)
{
    Routes(node)->SetDefaultRoute(Ipv4Address(gateway), interface);
}

inline void RouteVia(Ptr<Node> node, uint32_t net, const char* mask, uint32_t gateway, uint32_t interface)
{
    Routes(node)->AddNetworkRouteTo(Ipv4Address(net), Ipv4Mask(mask), Ipv4Address(gateway), interface);
}

// The links made so far.
struct Network
{
    std::vector<Ptr<PointToPointNetDevice>> devices;

    // Joins two nodes: `a` gets base + 1, `b` gets base + 2. Returns their interface numbers.
    std::pair<uint32_t, uint32_t> Link(PointToPointHelper& wire, Ptr<Node> a, Ptr<Node> b, uint32_t base)
    {
        NetDeviceContainer ends = wire.Install(a, b);
        return {Address(a, ends.Get(0), base + 1), Address(b, ends.Get(1), base + 2)};
    }

    // Packets put on a wire: given to a device's queue and no longer waiting there.
    uint64_t Hops() const
    {
        uint64_t sum = 0;
        for (auto& device : devices)
            sum += device->GetQueue()->GetTotalReceivedPackets() - device->GetQueue()->GetNPackets();
        return sum;
    }

    uint64_t Drops() const
    {
        uint64_t sum = 0;
        for (auto& device : devices)
            sum += device->GetQueue()->GetTotalDroppedPackets();
        return sum;
    }

  private:
    uint32_t Address(Ptr<Node> node, Ptr<NetDevice> device, uint32_t address)
    {
        devices.push_back(DynamicCast<PointToPointNetDevice>(device));
        Ptr<Ipv4> ip = node->GetObject<Ipv4>();
        uint32_t interface = ip->AddInterface(device);
        ip->AddAddress(interface, Ipv4InterfaceAddress(Ipv4Address(address), Ipv4Mask("/30")));
        ip->SetMetric(interface, 1);
        ip->SetUp(interface);
        return interface;
    }
};
