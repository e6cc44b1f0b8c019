# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# As mix.py.
stop = false
rounds = [0, 0]
source, out = IO.pipe
back_out, back = IO.pipe

def ns
  Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
end

child = fork do
  source.close
  back.close
  loop do
    sleep 0.005
    begin
      out.syswrite("#{ns}\n")
      back_out.sysread(64)
    rescue SystemCallError, EOFError
      exit!(0)
    end
  end
end
out.close
back_out.close
spinning = rounds.each_index.map do |i|
  Thread.new { rounds[i] += 1 until stop }
end
delays = []
finish = ns + ARGV[0].to_f * 1e9
while ns < finish
  message = source.sysread(64)
  delays << ns - message.to_i
  back.syswrite(message)
end
stop = true
spinning.each(&:join)
source.close
back.close
Process.wait(child)
puts "work #{rounds.sum} delay #{delays.sort[delays.size / 2]}"
