// What every program takes on its command line, and how it says what it did.
#pragma once
#include "ns3/core-module.h"
#include <cstdio>
#include <string>
#include <sys/resource.h>

using namespace ns3;

struct Options
{
    double seconds = 10;      // of traffic
    uint32_t seed = 1;        // RngRun
    std::string pcap;         // where captures begin; empty: none

    void Add(CommandLine& line)
    {
        line.AddValue("seconds", "simulated seconds of traffic", seconds);
        line.AddValue("seed", "run number (RngRun)", seed);
        line.AddValue("pcap", "capture every interface into files that begin like this", pcap);
    }

    void Apply() const
    {
        RngSeedManager::SetSeed(12345);
        RngSeedManager::SetRun(seed);
    }
};

// User and system seconds of this process so far.
inline double CpuNow()
{
    rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
           1e-6 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

// Runs the simulation and knows what it cost.
struct Meter
{
    double run = 0; // CPU seconds of Simulator::Run alone

    void Run(double stop)
    {
        double before = CpuNow();
        Simulator::Stop(Seconds(stop));
        Simulator::Run();
        run = CpuNow() - before;
    }

    void Print(uint64_t delivered, uint64_t hops, uint64_t drops, double goodputMbps = 0) const
    {
        printf("ns3 delivered=%llu hops=%llu drops=%llu goodput_mbps=%.3f run_cpu=%.6f events=%llu\n",
               (unsigned long long)delivered, (unsigned long long)hops, (unsigned long long)drops,
               goodputMbps, run, (unsigned long long)Simulator::GetEventCount());
    }
};
