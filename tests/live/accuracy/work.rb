# What work.py does, for Ruby.
require "socket"

LANGUAGE, WORKLOAD, COUNT, SECONDS, FLAG, PORT, PATH = ARGV
$late = []
$report = []
$lock = Mutex.new

def now
  Process.clock_gettime(Process::CLOCK_REALTIME)
end

def spin
  n = 0
  n += 1 while n < 2000
end

def own_tid
  File.read("/proc/thread-self/stat").split[0]
end

def finish(start, only_lock)
  tid = own_tid
  account = File.read("/proc/thread-self/schedstat").split
  life = ((now - start) * 1e9).to_i
  $report << [tid, life - account[0].to_i - account[1].to_i, only_lock ? 1 : 0]
end

def compute(start, last)
  spin while now < last
  finish(start, true)
end

def nap(start, last)
  n = 0
  File.write("/proc/#{own_tid}/timerslack_ns", "1")
  while now < last
    n += 1
    length = 0.007 + n % 7 * 0.0013
    before = now
    sleep length
    after = now
    $late << [after, after - before - length]
  end
  finish(start, false)
end

def read(start, last)
  File.open(PATH, "rb") do |f|
    while now < last
      begin
        f.sysread(65536)
      rescue EOFError
        f.sysseek(0)
      end
    end
  end
  finish(start, true)
end

def echo(start, last)
  s = TCPSocket.new("127.0.0.1", PORT.to_i)
  while now < last
    before = now
    ready = s.recv(64).to_i / 1e9
    after = now
    $late << [after, after - ready] if ready > before
    s.send("x", 0)
  end
  s.close
  finish(start, false)
end

def share(start, last)
  $lock.synchronize { spin } while now < last
  finish(start, false)
end

def put(start, last, queue)
  while now < last
    spin
    queue << 1
  end
  queue << 0
  finish(start, false)
end

def get(start, queue)
  spin while queue.pop != 0
  finish(start, false)
end

print "begin #{$$}\n"
STDOUT.flush
sleep 0.3
last = now + SECONDS.to_f
threads = []
case WORKLOAD
when "sleep" then threads << (t = now; Thread.new { nap(t, last) })
when "read" then threads << (t = now; Thread.new { read(t, last) })
when "echo" then threads << (t = now; Thread.new { echo(t, last) })
when "locks"
  queue = SizedQueue.new(10)
  2.times { s = now; threads << Thread.new { share(s, last) } }
  threads << (a = now; Thread.new { put(a, last, queue) })
  threads << (b = now; Thread.new { get(b, queue) })
end
COUNT.to_i.times { s = now; threads << Thread.new { compute(s, last) } }
threads.each(&:join)
text = $report.map { |tid, asleep, only| "thread #{$$} #{tid} #{asleep} #{only}\n" }.join
text += $late.map { |at, s| "late #{(at * 1e9).to_i} #{(s * 1e9).to_i}\n" }.join
print text, "done #{$$}\n"
STDOUT.flush
sleep 0.01 until File.exist?(FLAG)
